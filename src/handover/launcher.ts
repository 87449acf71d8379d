import { type Plan, quote, renderPlace } from './plan.ts';

/** A variable of a program and of the tool that starts it, as latin1; undefined: it is not set. */
export interface Variable {
  readonly name: string;
  readonly program: string | undefined;
  /** Absent where the tool, or a shell on the way, has set one of its own: the program's is then set in any case. */
  readonly tool?: string | undefined;
}

/** A line of sh. It makes itself what `ptrace_shim_program` says, and becomes the program that its arguments name. */
export const LAUNCHER = `/bin/sh -c 'eval "$ptrace_shim_program"' ptrace-shim`;

/**
 * What the tool's environment must hold for `LAUNCHER`: a script, and a variable for each value. No value is in the
 * script's command line, where everybody could read it; none is in a variable of its own name, where it would steer the
 * tool.
 *
 * What the person changes at the tool's prompt (`set environment` in gdb) is no longer what the tool had, and stays.
 */
export function renderLauncher(
  place: Pick<Plan, 'cwd' | 'umask' | 'limits'>,
  variables: readonly Variable[],
): Map<string, string> {
  const carried = new Map<string, string>();
  const lines = variables.map((variable) => {
    if (variable.program === undefined) return renderChange(variable, `unset ${variable.name}`);
    const carrier = `ptrace_shim_${carried.size + 1}`;
    carried.set(carrier, variable.program);
    return renderChange(variable, `export ${variable.name}="$${carrier}"`);
  });
  const script = [
    ...renderPlace(place),
    ...lines,
    ...countShells(variables),
    `unset ${[...carried.keys(), SCRIPT].join(' ')}`,
    'exec "$@"',
  ];
  return new Map([[SCRIPT, script.join('\n')], ...carried]);
}

const SCRIPT = 'ptrace_shim_program';

/** bash takes one from SHLVL when it executes a program. Anything but a small number stays away from its arithmetic. */
function countShells(variables: readonly Variable[]): string[] {
  const level = variables.find(({ name }) => name === 'SHLVL')?.program ?? '';
  return /^\d{1,3}$/.test(level) ? [`[ -z "\${BASH_VERSINFO-}" ] || SHLVL=${Number(level) + 1}`] : [];
}

/** Only where the variable is still as the tool had it. */
function renderChange(variable: Variable, change: string): string {
  const { name, tool } = variable;
  if (!('tool' in variable)) return change;
  const kept = tool === undefined ? `[ -n "\${${name}+set}" ]` : `[ "\${${name}-}" != ${quote(tool)} ]`;
  return `${kept} || ${change}`;
}
