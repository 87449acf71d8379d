import { Command } from 'commander';
import { commands } from './commands.ts';

/** `ptrace-shim` with all its commands, ready to parse: what the man page and the completions are held against. */
export function buildProgram(version: string): Command {
  const program = new Command('ptrace-shim')
    .usage('<command> [<args>...]')
    .description('Explain refused ptrace attaches and offer a way through.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', '\nSee ptrace-shim(1).')
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}
