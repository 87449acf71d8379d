import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { findInstallation } from '../install/installation.ts';
import type { AddCommand } from './command.ts';

const FILES = { bash: 'ptrace-shim.bash', zsh: '_ptrace-shim', fish: 'ptrace-shim.fish' } as const;
type Shell = keyof typeof FILES;

/** `ptrace-shim completion`: the script that a shell reads. */
export const addCompletion: AddCommand = (program) => {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(Object.keys(FILES)))
    .addHelpText('after', DETAILS)
    .action((shell: Shell) => {
      process.stdout.write(readFileSync(join(findInstallation(), 'completions', FILES[shell]), 'utf8'));
    });
};

const DETAILS = `
It completes ptrace-shim, and the process ids of tools that have no completion
of their own: gdb and strace keep theirs. A package installs it; without one,
this line does:
  bash  eval "$(ptrace-shim completion bash)"   in ~/.bashrc
  zsh   eval "$(ptrace-shim completion zsh)"    in ~/.zshrc, after compinit
  fish  ptrace-shim completion fish | source    in ~/.config/fish/config.fish
`;
