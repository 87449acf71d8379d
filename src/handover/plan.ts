import type { PlanWord } from '../tools/tool.ts';

/**
 * What the shim is to do next, as it will evaluate it: exec the real tool, perhaps with other arguments, after the
 * changes to its own environment that only a shell can make to itself.
 */
export interface Plan {
  /** The tool's arguments; absent: exactly what the person typed. */
  readonly words?: readonly PlanWord[];
  /** Words in front of the real tool: a program that executes it. */
  readonly through?: readonly string[];
  /** Words in place of the real tool: a program that executes one of its name elsewhere. */
  readonly instead?: readonly string[];
  /** Variables to export, or with undefined to unset; names and values as latin1. */
  readonly environment?: ReadonlyMap<string, string | undefined>;
  /** The directory to change to, as latin1. */
  readonly cwd?: string;
  /** The file mode creation mask, octal. */
  readonly umask?: string;
  /** Soft limits as options of `ulimit`: `{ n: '1024' }`. */
  readonly limits?: Readonly<Record<string, string>>;
  /** A line of sh that opens the window, run at the very end. */
  readonly open?: string;
}

/**
 * The plan in sh, one character per byte: write it as latin1. The first and last line are marks by which the shim knows
 * that the plan is whole and of the kind it understands.
 */
export function renderPlan(plan: Plan): string {
  const lines = [
    ...(plan.cwd === undefined ? [] : [KEEP_REAL]),
    ...[...(plan.environment ?? [])].map(([name, value]) =>
      value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`,
    ),
    ...renderPlace(plan),
    ...(plan.open === undefined ? [] : [plan.open]),
    `${renderCommand(plan)} ${plan.words ? plan.words.map(renderWord).join(' ') : '"$@"'}`,
  ];
  return frame(lines);
}

/** PATH may have a relative entry, which leads elsewhere once the plan has changed the directory. */
const KEEP_REAL = 'case $ptrace_shim_real in /*) ;; *) ptrace_shim_real=$(pwd -P)/$ptrace_shim_real ;; esac';

/** The lines of sh that change directory, mask and limits. */
export function renderPlace({ cwd, umask, limits = {} }: Pick<Plan, 'cwd' | 'umask' | 'limits'>): string[] {
  return [
    ...(cwd === undefined ? [] : [`cd -- ${quote(cwd)} || exit`]),
    ...(umask === undefined ? [] : [`umask ${umask}`]),
    ...Object.entries(limits).map(([option, value]) => `ulimit -S -${option} ${value} 2>/dev/null`),
  ];
}

/** The plan that runs nothing and leaves with `status`. */
export function renderExit(status: number): string {
  return frame([`exit ${status}`]);
}

/**
 * May a plan set a variable of this name to what another process has chosen? Not where a shell cannot, nor where that
 * would mean something to the shell that does it: its own variables, and those of the shim, `ptrace_shim_real` above all.
 */
export function isExportable(name: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('ptrace_shim_') && !KEPT_BY_THE_SHELL.has(name)
  );
}

/** Quotes for sh: everything but NUL, which no argument can hold, stands for itself between single quotes. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Read-only, computed, or an error that ends the shell where the value is no number (OPTIND in dash). */
const KEPT_BY_THE_SHELL = new Set([
  ...[
    'BASHOPTS',
    'BASHPID',
    'BASH_COMPAT',
    'BASH_VERSINFO',
    'BASH_XTRACEFD',
    'EPOCHREALTIME',
    'EPOCHSECONDS',
  ],
  ...['EUID', 'GROUPS', 'LINENO', 'OPTIND', 'PPID', 'RANDOM', 'SECONDS', 'SHELLOPTS', 'SRANDOM', 'UID'],
]);

function frame(lines: readonly string[]): string {
  return ['#ptrace-shim-plan 1', ...lines, '#end', ''].join('\n');
}

/** `ptrace_shim_exec` is the shim's own: it execs the real tool by the name that was typed. */
function renderCommand({ through, instead }: Plan): string {
  if (instead) return `exec ${instead.map(quote).join(' ')}`;
  return through ? `exec ${through.map(quote).join(' ')} "$ptrace_shim_real"` : 'ptrace_shim_exec';
}

function renderWord(word: PlanWord): string {
  return typeof word === 'number' ? `"\${${word}}"` : quote(word);
}
