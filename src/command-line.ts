import { Command } from './commander.ts';
import type { AddCommand } from './commands/command.ts';

interface Row {
  /** What the help says of it; nothing: it is hidden. */
  readonly says: string;
  load(): Promise<AddCommand>;
}

/** Every subcommand, in the order of the help. */
const COMMANDS: Readonly<Record<string, Row>> = {
  install: {
    says: 'put the shims before the real tools in PATH',
    load: async () => (await import('./commands/install.ts')).addInstall,
  },
  uninstall: {
    says: 'take away what install put there, and the settings',
    load: async () => (await import('./commands/uninstall.ts')).addUninstall,
  },
  doctor: {
    says: 'prove that typing gdb reaches the shim and then the real gdb',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
  status: {
    says: 'show ptrace_scope, where it comes from and what the next boot makes of it',
    load: async () => (await import('./commands/status.ts')).addStatus,
  },
  why: {
    says: 'tell whether a process may be attached to, and why not',
    load: async () => (await import('./commands/why.ts')).addWhy,
  },
  'dry-run': {
    says: 'show what the shim would do about a command',
    load: async () => (await import('./commands/dry-run.ts')).addDryRun,
  },
  set: {
    says: 'set ptrace_scope, now and with --permanent for later boots as well',
    load: async () => (await import('./commands/set.ts')).addSet,
  },
  run: {
    says: 'start a program that any of your own tools may attach to later',
    load: async () => (await import('./commands/run.ts')).addRun,
  },
  with: {
    says: 'run a command that attaches, and let it in',
    load: async () => (await import('./commands/with.ts')).addWith,
  },
  allow: {
    says: 'have a running program let in your own tools',
    load: async () => (await import('./commands/allow.ts')).addAllow,
  },
  explain: {
    says: 'explain ptrace_scope on this release, and how to change it for good',
    load: async () => (await import('./commands/explain.ts')).addExplain,
  },
  config: {
    says: 'show the settings and remembered answers, change and forget them',
    load: async () => (await import('./commands/config.ts')).addConfig,
  },
  completion: {
    says: 'print the completion script of a shell',
    load: async () => (await import('./commands/completion.ts')).addCompletion,
  },
  'complete-pids': {
    says: '',
    load: async () => (await import('./commands/complete-pids.ts')).addCompletePids,
  },
};

/**
 * `ptrace-shim`, ready to parse: with the commands that are `wanted`, by default all, which the man page and the completions
 * are held against. Where none is wanted it knows their names and loads nothing: for its help.
 */
export async function buildProgram(version: string, wanted = Object.keys(COMMANDS)): Promise<Command> {
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
  for (const [name, { says, load }] of Object.entries(COMMANDS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const command = program
      .command(name, { hidden: says === '' })
      .summary(says)
      .description(says);
    if (wanted.length > 0) (await load())(command);
  }
  return program;
}

/** The command that a command line names. */
export function findWanted(words: readonly string[]): string[] {
  const first = words.find((word) => word !== '--');
  return first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : [];
}
