import { type Answer, probeAttach, probeRead, readMemOwner } from './access.ts';
import type { Scope } from './cause.ts';
import { isDescendant } from './kinship.ts';
import { readUserNamespace } from './namespace.ts';
import { type Presence, readPresence } from './presence.ts';
import { readStatus, type Status } from './proc-status.ts';
import { renderProcess } from './process.ts';
import { readScope } from './scope.ts';
import { deniesPtrace, probePolicy, readSelinux, type Selinux } from './selinux.ts';
import { isKernelThread } from './stat.ts';

/** What is the same for every target: who would attach, and by which rules. */
export interface Viewer {
  /** The process that would attach. */
  readonly tracer: Tracer;
  /** This process, which makes the probes in the tracer's place. Absent where /proc is not that of our pid namespace. */
  readonly self?: Status;
  readonly ownNamespace?: string;
  readonly selinux?: Selinux;
  readonly scope: Scope;
}

/** All that user space can know of one attach without trying it. */
export interface Facts extends Viewer {
  readonly pid: number;
  readonly presence: Presence;
  /** Absent when it is not present. */
  readonly target?: Status;
  readonly kernelThread: boolean;
  /** The process that traces it already, as `gdb (77)`. */
  readonly existingTracer?: string;
  /** Access mode READ; absent when an earlier fact decides. */
  readonly read?: Answer;
  /** Who owns /proc/PID/mem. */
  readonly memOwner?: number;
  /** Access mode ATTACH for this process; absent when an earlier fact decides. */
  readonly attach?: Answer | 'unasked';
  /** The target is the tracer or its descendant; false when an earlier fact decides. */
  readonly related: boolean;
  /** The target's user namespace; absent when an earlier fact decides. */
  readonly targetNamespace?: string;
  /** What SELinux's policy says of this attach; absent where the attach is not refused, or SELinux is off or silent. */
  readonly policy?: 'allowed' | 'refused';
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

/** Reads what is the same for every target of this tracer. */
export function readViewer(
  tracer: number,
  { proc, sys }: Roots = ROOTS,
  scope: Scope = readScope(proc),
): Viewer {
  return {
    tracer: readTracer(tracer, proc),
    self: readStatus('self', proc),
    ownNamespace: readUserNamespace('self', proc),
    selinux: readSelinux(sys),
    scope,
  };
}

/**
 * Gathers the facts about an attach to `pid`, a process or thread. The probes are made by this process, which has the same
 * credentials as the tracer when it is a child of it. A ptracer exception for the tracer covers its descendants too, so
 * that a child's probe sees it; kinship is not passed down and is looked up for the tracer.
 *
 * A refused attach probe goes to the kernel log as an attempt, so it is made last and only when nothing else decides.
 */
export function examine(
  pid: number,
  viewer: Viewer,
  roots: Roots = ROOTS,
  target: Status | undefined = readStatus(pid, roots.proc),
): Facts {
  const facts = glance(pid, viewer, roots, target);
  if (facts.attach !== 'unasked') return facts;
  const attach = probeAttach(pid, roots.proc);
  if (attach !== 'refused' || !viewer.selinux?.enforcing) return { ...facts, attach };
  return { ...facts, attach, policy: probePolicy(pid, roots.proc, roots.sys) };
}

/**
 * The same without the attach probe, for a list of processes, which must not fill the kernel log. A ptracer exception stays
 * unseen, so that a refusal at scope 1, which alone honours one, is no more than likely.
 */
export function glance(
  pid: number,
  viewer: Viewer,
  { proc }: Roots = ROOTS,
  target: Status | undefined = readStatus(pid, proc),
): Facts {
  const facts: Facts = {
    ...viewer,
    pid,
    presence: target ? 'present' : readPresence(pid, proc),
    target,
    kernelThread: target !== undefined && isKernelThread(pid, proc),
    existingTracer: target && target.tracerPid > 0 ? renderProcess(target.tracerPid, proc) : undefined,
    related: false,
  };
  if (!target || facts.kernelThread || isDead(target) || target.tracerPid > 0) return facts;
  const read = probeRead(pid, proc);
  if (read !== 'allowed') return { ...facts, read, memOwner: readMemOwner(pid, proc) };
  // Only scope 1 heeds kinship.
  const related = viewer.scope === 1 && isDescendant(pid, viewer.tracer.pid, proc);
  const attach = isAllowedByKinship({ ...viewer, related }) ? undefined : 'unasked';
  return { ...facts, read, related, attach, targetNamespace: readUserNamespace(pid, proc) };
}

/** Ended, and waiting for its parent (or, as a thread group's leader, for the other threads). */
export function isDead(status: Status): boolean {
  return status.state === 'Z' || status.state === 'X';
}

/** Yama lets an ancestor attach at scope 1 only; at 2 kinship counts for nothing, and SELinux knows no kinship. */
export function isAllowedByKinship({
  related,
  scope,
  selinux,
}: Pick<Facts, 'related' | 'scope' | 'selinux'>): boolean {
  return related && scope === 1 && !deniesPtrace(selinux);
}

function readTracer(pid: number, proc: string): Tracer {
  return {
    pid,
    name: pid === process.pid ? 'a tool that you start now' : renderProcess(pid, proc),
    status: readStatus(pid, proc),
    namespace: readUserNamespace(pid, proc),
  };
}
