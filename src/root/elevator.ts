import { existsSync, statSync } from 'node:fs';
import type { Obstacle } from '../failure.ts';
import type { Scope } from '../kernel/cause.ts';
import { hasPtraceCapability, readStatus } from '../kernel/proc-status.ts';
import { type Container, sayContainer } from '../machine/container.ts';
import type { Elevate } from '../settings.ts';

/** What makes us root; without a path nothing need be done, as we are root already. */
export interface Elevator {
  readonly name: Exclude<Elevate, 'auto'> | 'root';
  readonly path: string;
}

/** Chooses by the setting; `auto` takes pkexec before sudo before run0. Or says why none can work. */
export function findElevator(elevate: Elevate): Elevator | Obstacle {
  const self = readStatus('self');
  if (process.geteuid?.() === 0) {
    // security/yama/yama_lsm.c, yama_dointvec_minmax: to write the sysctl takes the capability, root or not.
    if (self !== undefined && hasPtraceCapability(self)) return { name: 'root', path: '' };
    return { reason: 'root without CAP_SYS_PTRACE cannot change the scope' };
  }
  if (self?.noNewPrivs) return { reason: 'this session can gain no privileges (NoNewPrivs)' };
  const names = elevate === 'auto' ? (['pkexec', 'sudo', 'run0'] as const) : [elevate];
  for (const name of names) {
    const path = findTrusted(name);
    if (path !== undefined) return { name, path };
  }
  const list = names.join(', ').replace(/, (\w+)$/, ' or $1');
  return { code: 'no-elevator', reason: `there is no ${list} that works here` };
}

/** The same for a helper that concerns the scope: from here, and as it is now, none may be able to do anything. */
export function findHelperElevator(
  { scope, container }: { readonly scope: Scope; readonly container?: Container | undefined },
  elevate: Elevate,
): Elevator | Obstacle {
  if (scope === 3) return { reason: 'scope 3 stays until the next boot' };
  if (container !== undefined) return { reason: `a ${sayContainer(container)} cannot change the scope` };
  return findElevator(elevate);
}

/** Not PATH, which may lead into somebody's home. */
export const TRUSTED = ['/usr/bin', '/bin'];

/** The program where it is root's and could work here; undefined otherwise. */
export function findTrusted(name: 'pkexec' | 'sudo' | 'run0'): string | undefined {
  if (name === 'pkexec' && !existsSync('/run/dbus/system_bus_socket')) return undefined; // no polkit to ask
  const setUid = name === 'run0' ? 0 : 0o4000;
  return TRUSTED.map((folder) => `${folder}/${name}`).find((path) => {
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.uid === 0 && (file.mode & setUid) === setUid;
  });
}
