import { Command } from 'commander';
import { commands } from './commands.ts';

/**
 * `ptrace-shim`, ready to parse: with all its commands, which the man page and the completions are held against, or with
 * the `wanted` one alone when there is one of that name.
 */
export async function buildProgram(version: string, wanted = ''): Promise<Command> {
  const program = new Command('ptrace-shim')
    .usage('<command> [<args>...]')
    .description('Explain refused ptrace attaches and offer a way through.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', '\nSee ptrace-shim(1).')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ptrace-shim: ')) })
    .showHelpAfterError('  help: ptrace-shim [<command>] --help')
    .exitOverride();
  const names = Object.hasOwn(commands, wanted) ? [wanted] : Object.keys(commands);
  for (const name of names) (await commands[name]!())(program);
  return program;
}
