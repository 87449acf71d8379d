import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from '../commander.ts';
import { findInstallation } from '../install/installation.ts';
import { ON_REFUSAL, PLAIN, PLAIN_NAMES } from '../settings.ts';
import { type PidPlaces, SHELLS, type Shell, TOOL_NAMES } from '../tools/tool.ts';
import { tools } from '../tools/tools.ts';
import type { AddCommand } from './command.ts';

const FILES: Readonly<Record<Shell, string>> = {
  bash: 'ptrace-shim.bash',
  zsh: '_ptrace-shim',
  fish: 'ptrace-shim.fish',
};

/** `ptrace-shim completion`: the script that a shell reads. */
export const addCompletion: AddCommand = (command) => {
  command
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', DETAILS)
    .action((shell: Shell) => {
      process.stdout.write(renderCompletion(shell));
    });
};

/** What stands in completions/, with tools and settings filled in. Its first line ends with the commands it completes. */
export function renderCompletion(shell: Shell): string {
  const text = readFileSync(join(findInstallation(), 'completions', FILES[shell]), 'utf8');
  const completed = TOOL_NAMES.filter((name) => tools[name].pids && !tools[name].pids.known?.includes(shell));
  return text
    .replaceAll('@TOOLS@', TOOL_NAMES.join(' '))
    .replaceAll('@COMPLETED@', completed.join(' '))
    .replaceAll('@ANSWERS@', ON_REFUSAL.join(' '))
    .replaceAll('@SETTINGS@', PLAIN_NAMES.map((name) => quote(name, ...PLAIN[name].offered)).join(' '))
    .replaceAll('@PLACES@', completed.map((name) => renderPlaces(name, tools[name].pids!)).join(' '));
}

/** One word of a shell: 'scanmem pid:-p pid:--pid pid:any file:-c'. */
function renderPlaces(name: string, { after = [], operand, files = [] }: PidPlaces): string {
  const pids = [...after, ...(operand ? [operand] : [])].map((place) => `pid:${place}`);
  return quote(name, ...pids, ...files.map((option) => `file:${option}`));
}

/** None of ours has a quote in it. */
function quote(...words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}

const DETAILS = `
It completes ptrace-shim, and the process ids of tools that have no completion
of their own: gdb and strace keep theirs. A package installs it; without one,
this line does:
  bash  eval "$(ptrace-shim completion bash)"   in ~/.bashrc
  zsh   eval "$(ptrace-shim completion zsh)"    in ~/.zshrc, after compinit
  fish  ptrace-shim completion fish | source    in ~/.config/fish/config.fish
`;
