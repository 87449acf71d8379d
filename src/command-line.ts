import { Command } from 'commander';
import type { AddCommand } from './commands/command.ts';

/** Every subcommand, in the order of the help, to be loaded when it is wanted; the last is hidden from the help. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  install: async () => (await import('./commands/install.ts')).addInstall,
  uninstall: async () => (await import('./commands/uninstall.ts')).addUninstall,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  status: async () => (await import('./commands/status.ts')).addStatus,
  why: async () => (await import('./commands/why.ts')).addWhy,
  'dry-run': async () => (await import('./commands/dry-run.ts')).addDryRun,
  set: async () => (await import('./commands/set.ts')).addSet,
  run: async () => (await import('./commands/run.ts')).addRun,
  with: async () => (await import('./commands/with.ts')).addWith,
  allow: async () => (await import('./commands/allow.ts')).addAllow,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  config: async () => (await import('./commands/config.ts')).addConfig,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
  'complete-pids': async () => (await import('./commands/complete-pids.ts')).addCompletePids,
};

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
  const names = Object.hasOwn(COMMANDS, wanted) ? [wanted] : Object.keys(COMMANDS);
  for (const name of names) (await COMMANDS[name]!())(program);
  return program;
}
