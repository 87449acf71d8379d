import { readStatus } from './proc-status.ts';

/** `hidden`: it exists, but /proc does not show it to us. */
export type Presence = 'present' | 'hidden' | 'missing';

/**
 * Is there such a process or thread? With the mount option hidepid, /proc/PID of another user's process cannot be read
 * (1) or is not there (2, 4); SELinux may refuse a confined user to look at an unconfined process. But kill(2) with signal 0
 * still tells "not permitted" (EPERM, SELinux: EACCES) from "no such process".
 */
export function readPresence(pid: number, proc = '/proc'): Presence {
  if (!isPossible(pid)) return 'missing';
  if (readStatus(pid, proc) !== undefined) return 'present';
  try {
    process.kill(pid, 0);
    return 'hidden';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'missing' : 'hidden';
  }
}

/** To kill(2), 0 and negative numbers are groups; what does not fit pid_t is no pid at all. */
function isPossible(pid: number): boolean {
  return Number.isInteger(pid) && pid > 0 && pid <= 0x7fff_ffff;
}
