import { type Answer, probeAttach, probeRead, readMemOwner } from './access.ts';
import type { Scope } from './cause.ts';
import { isDescendant } from './kinship.ts';
import { readUserNamespace } from './namespace.ts';
import { type Presence, readPresence } from './presence.ts';
import { readStatus, type Status } from './proc-status.ts';
import { renderProcess } from './process.ts';
import { readScope } from './scope.ts';
import { deniesPtrace, probePolicy, readSelinux } from './selinux.ts';
import { isKernelThread } from './stat.ts';

/** All that user space can know of one attach without trying it. */
export interface Facts {
  readonly pid: number;
  readonly presence: Presence;
  /** Absent when it is not present. */
  readonly target?: Status;
  readonly kernelThread: boolean;
  /** The process that traces it already, as `gdb (77)`. */
  readonly existingTracer?: string;
  /** The process that would attach. */
  readonly tracer: Tracer;
  /** This process, which made the probes in the tracer's place. Absent where /proc is not that of our pid namespace. */
  readonly self?: Status;
  /** Access mode READ; absent when an earlier fact decides. */
  readonly read?: Answer;
  /** Who owns /proc/PID/mem. */
  readonly memOwner?: number;
  /** Access mode ATTACH for this process; absent when an earlier fact decides. */
  readonly attach?: Answer;
  /** The target is the tracer or its descendant. */
  readonly related: boolean;
  /** User namespaces; the target's is absent when it may not be read. */
  readonly ownNamespace?: string;
  readonly targetNamespace?: string;
  /** SELinux's deny_ptrace is on and enforced. */
  readonly denyPtrace: boolean;
  /** What SELinux's policy says of this attach; absent where the attach is not refused, or SELinux is off or silent. */
  readonly policy?: 'allowed' | 'refused';
  readonly scope: Scope;
}

export interface Tracer {
  readonly pid: number;
  /** `gdb (3991)`, or words for a tool that is yet to be started. */
  readonly name: string;
  readonly status?: Status;
  readonly namespace?: string;
}

/** Where /proc and /sys are; tests have small trees of their own. */
export interface Roots {
  readonly proc: string;
  readonly sys: string;
}

export const ROOTS: Roots = { proc: '/proc', sys: '/sys' };

/**
 * Gathers the facts about an attach of `tracer` to `pid`, a process or thread. The probes are made by this process, which
 * has the same credentials as the tracer when it is a child of it. A ptracer exception for the tracer covers its
 * descendants too, so that a child's probe sees it; kinship is not passed down and is looked up for the tracer.
 *
 * A refused attach probe goes to the kernel log as an attempt, so it is made last and only when nothing else decides.
 */
export function examine(pid: number, tracer: number, { proc, sys }: Roots = ROOTS): Facts {
  const target = readPresence(pid, proc) === 'present' ? readStatus(pid, proc) : undefined;
  const selinux = readSelinux(sys);
  const facts: Facts = {
    pid,
    presence: target ? 'present' : readPresence(pid, proc),
    target,
    kernelThread: target !== undefined && isKernelThread(pid, proc),
    existingTracer: target && target.tracerPid > 0 ? renderProcess(target.tracerPid, proc) : undefined,
    tracer: readTracer(tracer, proc),
    self: readStatus('self', proc),
    related: target !== undefined && isDescendant(pid, tracer, proc),
    ownNamespace: readUserNamespace('self', proc),
    targetNamespace: readUserNamespace(pid, proc),
    denyPtrace: deniesPtrace(selinux),
    scope: readScope(proc),
  };
  if (!target || facts.kernelThread || isDead(target) || target.tracerPid > 0) return facts;
  const read = probeRead(pid, proc);
  if (read !== 'allowed') return { ...facts, read, memOwner: readMemOwner(pid, proc) };
  if (isAllowedByKinship(facts)) return { ...facts, read };
  const attach = probeAttach(pid, proc);
  if (attach !== 'refused' || !selinux?.enforcing) return { ...facts, read, attach };
  return { ...facts, read, attach, policy: probePolicy(pid, proc, sys) };
}

/** Ended, and waiting for its parent (or, as a thread group's leader, for the other threads). */
export function isDead(status: Status): boolean {
  return status.state === 'Z' || status.state === 'X';
}

/** Yama lets an ancestor attach at scope 1 only; at 2 kinship counts for nothing, and SELinux knows no kinship. */
export function isAllowedByKinship(facts: Facts): boolean {
  return facts.related && facts.scope === 1 && !facts.denyPtrace;
}

function readTracer(pid: number, proc: string): Tracer {
  return {
    pid,
    name: pid === process.pid ? 'a tool that you start now' : renderProcess(pid, proc),
    status: readStatus(pid, proc),
    namespace: readUserNamespace(pid, proc),
  };
}
