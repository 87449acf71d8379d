import type { Scope, Verdict } from './cause.ts';
import { ROOTS, type Roots } from './facts.ts';
import { hasPtraceCapability, readStatus } from './proc-status.ts';
import { renderProcess } from './process.ts';
import { readScope, SCOPE_NAMES, sayScope } from './scope.ts';
import { deniesPtrace, readSelinux } from './selinux.ts';

/** What decides whether a program started by `tracer` may ask to be traced by it (PTRACE_TRACEME). */
export interface LaunchFacts {
  readonly tracer: number;
  /** `gdb (3991)`. */
  readonly name: string;
  /** The tracer holds CAP_SYS_PTRACE in the user namespace that the program would be in, its own. */
  readonly capable: boolean;
  readonly denyPtrace: boolean;
  readonly scope: Scope;
}

export function examineLaunch(tracer: number, { proc, sys }: Roots = ROOTS): LaunchFacts {
  const status = readStatus(tracer, proc) ?? readStatus('self', proc);
  return {
    tracer,
    name: renderProcess(tracer, proc),
    capable: status !== undefined && hasPtraceCapability(status),
    denyPtrace: deniesPtrace(readSelinux(sys)),
    scope: readScope(proc),
  };
}

/**
 * Would the kernel let the tracer launch a program? The verdict's pid is the tracer's, as there is no target yet. Yama
 * asks from scope 2 on (security/yama/yama_lsm.c, yama_ptrace_traceme).
 */
export function judgeLaunch({ tracer, name, capable, denyPtrace, scope }: LaunchFacts): Verdict {
  if (denyPtrace) {
    const evidence = [
      'the SELinux boolean deny_ptrace is on, which refuses launching under a tracer as well',
    ];
    return { pid: tracer, outcome: 'refused', cause: 'selinux', evidence };
  }
  if (scope === undefined) return { pid: tracer, outcome: 'allowed', evidence: ['there is no Yama here'] };
  if (scope === 0 || scope === 1) return { pid: tracer, outcome: 'allowed', evidence: [sayScope(scope)] };
  if (scope === 2 && capable) {
    const evidence = [`${name} holds the capability CAP_SYS_PTRACE`, sayScope(scope)];
    return { pid: tracer, outcome: 'allowed', evidence };
  }
  const why = scope === 2 ? [`${name} does not hold the capability CAP_SYS_PTRACE`] : [];
  const evidence = [...why, `${sayScope(scope)}, which refuses launching under a tracer as well`];
  return { pid: tracer, outcome: 'refused', cause: SCOPE_NAMES[scope], evidence };
}
