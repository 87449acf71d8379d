/**
 * What the rest of the program knows of a tool. One file per tool implements it; the list of names below and the one in
 * `tools.ts` have all of them.
 *
 * Words are argv elements with one character per byte (latin1), so that no byte is ever lost; see `handover/plan.ts`.
 */
export interface Tool {
  readonly name: ToolName;
  /** The package that has it, as Fedora calls it, and Debian where that has another name; absent where there is none. */
  readonly package?: string;
  readonly debianPackage?: string;
  /** Where its words hold process ids, for the completions. Absent where shells know the tool, or we complete all its options. */
  readonly pids?: PidPlaces;
  /** It reads the sysctl itself and gives up above 0, whatever the kernel would permit. */
  readonly readsScope?: true;
  /** Attaches to a thread that is not its process's first without the other ones, whatever `threads` says. */
  readonly takesThreadAlone?: true;
  /** What this command line would do. `words` are the arguments without argv[0]. Never throws. */
  recognise(words: readonly string[], surroundings: Surroundings): Intent;
  /**
   * The arguments that start `program` under the tool as its child, in place of the attach. Absent for a tool that
   * cannot launch. `program` is the program to start followed by its own arguments.
   */
  relaunch?(words: readonly string[], program: Program, surroundings: Surroundings): PlanWord[];
  /**
   * How a relaunched program comes by its own value of a variable. Present for a tool that passes its own environment on.
   * Absent for one that starts a program by `Program.launcher`: that tool keeps the person's environment as it is.
   */
  passage?(name: string): Passage;
  /**
   * The arguments that make the tool run `command` (a line for /bin/sh) at the last moment before it attaches, its
   * start-up and symbol reading done. Absent when the tool attaches soon enough that running `command` before it is
   * as good; undefined when this command line leaves no place for it.
   */
  gate?(words: readonly string[], command: string, surroundings: Surroundings): PlanWord[] | undefined;
}

/** Where a process id may stand on a command line. */
export interface PidPlaces {
  /** Options, or subcommands, that have one behind them. */
  readonly after?: readonly string[];
  /** Operands may be one: any of them, or those that begin with a digit. */
  readonly operand?: 'any' | 'digit';
  /** Options that have a file behind them, where any operand may be a process id. */
  readonly files?: readonly string[];
  /** Shells that have a completion of the tool. */
  readonly known?: readonly Shell[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * `environment`: the tool has it as well. `words`: it would steer the tool, which is told by its command line what to set
 * for the program; another user can read that. `none`: it would steer the tool and may be secret.
 */
export type Passage = 'environment' | 'words' | 'none';

/** Have a link each, be they installed or not: the shim then says which package to install. */
export const USUAL_TOOLS = ['gdb', 'strace', 'eu-stack', 'vgdb'] as const;
/** Have one where they are installed. */
export const OTHER_TOOLS = [
  ...(['gcore', 'gstack', 'pstack', 'gdbserver', 'lldb', 'ltrace', 'dlv', 'reptyr', 'austin'] as const),
  ...(['scanmem', 'heaptrack', 'py-spy', 'rbspy', 'memray'] as const),
] as const;
export const TOOL_NAMES = [...USUAL_TOOLS, ...OTHER_TOOLS] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

export type Intent = Attach | Launch | Other;

/** The tool would attach to running processes. */
export interface Attach {
  readonly kind: 'attach';
  /** Process or thread ids in the order of attaching, without repeats. */
  readonly targets: readonly number[];
  /** Traces every thread of the target's process, or only the very thread that is named (strace without -f). */
  readonly threads: 'all' | 'named';
  /** When the tool needs no further attach: once it has attached to all targets, or only when it exits. */
  readonly attaching: 'once' | 'until-exit';
  /** It launches a program as well (`strace -p 12 ls`). */
  readonly launches?: boolean;
  /** A program talks to the tool (`--interpreter=mi2`): nobody is there to be asked. */
  readonly driven?: boolean;
}

/** The tool would start a program as its child, which scope 2 and 3 refuse as well. */
export interface Launch {
  readonly kind: 'launch';
  readonly driven?: boolean;
}

/** Neither, or nothing that we understand; the tool runs untouched. */
export interface Other {
  readonly kind: 'other';
}

/** What outside of argv decides how a tool reads it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File names (not paths) in a directory, empty when it cannot be read: vgdb looks for its FIFOs. */
  readonly list: (directory: string) => readonly string[];
  /** The processes of that name: lldb attaches by name, too. */
  readonly find: (name: string) => readonly number[];
}

/** A program to be launched: its words as latin1, the first being the file to execute. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Variables that the tool's words set for the program (`Passage`); undefined: unset. */
  readonly env: ReadonlyMap<string, string | undefined>;
  /** A line of sh by which the tool is to start the program, the program's words after it. */
  readonly launcher?: string;
}

/** A word of the command to exec: the n-th (from 1) word of the person's own arguments, or literal bytes as latin1. */
export type PlanWord = number | string;
