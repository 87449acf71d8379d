import { probeRead, readMemOwner } from './access.ts';
import type { Cause, Ruling, Scope, Subject } from './cause.ts';
import { isDead } from './facts.ts';
import { readUserNamespace } from './namespace.ts';
import { hasPtraceCapability, readStatus, type Status } from './proc-status.ts';
import { readScope, SCOPE_NAMES } from './scope.ts';
import { deniesPtrace, readSelinux } from './selinux.ts';
import { isKernelThread } from './stat.ts';

/** A verdict that is not sure of itself: `likely` where only the kernel knows, and asking it leaves a trace. */
export type Glance = Ruling & Pick<Subject, 'tracer'> & { readonly likely?: boolean };

/** What is the same for every process of a list. */
export interface Viewer {
  readonly self: Status;
  readonly namespace: string | undefined;
  readonly scope: Scope;
  readonly denyPtrace: boolean;
}

/** Undefined where /proc is missing or not ours. */
export function readViewer(proc = '/proc', sys = '/sys'): Viewer | undefined {
  const self = readStatus('self', proc);
  return (
    self && {
      self,
      namespace: readUserNamespace('self', proc),
      scope: readScope(proc),
      denyPtrace: deniesPtrace(readSelinux(sys)),
    }
  );
}

/**
 * What a tool started now may expect of an attach to each of many processes. `judge` is exact, but its last probe goes
 * to the kernel log when it is refused, and a list must not fill that. So a ptracer exception stays unseen here, which
 * only scope 1 honours: there a refusal is likely. Undefined when the process is gone.
 */
export function glance(pid: number, viewer: Viewer, proc = '/proc'): Glance | undefined {
  const status = readStatus(pid, proc);
  if (status === undefined) return undefined;
  if (isKernelThread(pid, proc)) return refused('kernel-thread');
  if (isDead(status)) return refused('zombie');
  if (status.tracerPid > 0) return { ...refused('already-traced'), tracer: status.tracerPid };
  const read = probeRead(pid, proc);
  if (read === 'nothing') return { outcome: 'unknown' };
  if (read === 'refused') return glanceAtOwner(pid, status, viewer, proc);
  if (viewer.denyPtrace) return refused('selinux');
  const { scope } = viewer;
  if (!scope || (scope !== 3 && holdsCapability(pid, viewer, proc))) return { outcome: 'allowed' };
  return { ...refused(SCOPE_NAMES[scope] as Cause), ...(scope === 1 ? { likely: true } : {}) };
}

function glanceAtOwner(pid: number, { uid, gid }: Status, { self }: Viewer, proc: string): Glance {
  if (uid.real !== self.uid.real || gid.real !== self.gid.real) return refused('different-user');
  const rootOwned = readMemOwner(pid, proc) === 0 && self.uid.real !== 0;
  return rootOwned ? refused('not-dumpable') : { outcome: 'unknown' };
}

/** Our own capability, or the one over a user namespace that we made. */
function holdsCapability(pid: number, { self, namespace }: Viewer, proc: string): boolean {
  return hasPtraceCapability(self) || readUserNamespace(pid, proc) !== namespace;
}

function refused(cause: Cause): Glance {
  return { outcome: 'refused', cause };
}
