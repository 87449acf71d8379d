import { readLink } from './read.ts';

/** The user namespace as the link names it, `user:[4026531837]`; undefined when reading is refused (access mode READ). */
export function readUserNamespace(pid: number | 'self', proc = '/proc'): string | undefined {
  return readLink(`${proc}/${pid}/ns/user`);
}

/** The pid namespace likewise: within another one than the first, a process has another id than on the host. */
export function isInitialPidNamespace(proc = '/proc'): boolean {
  return readLink(`${proc}/self/ns/pid`) === 'pid:[4026531836]'; // PROC_PID_INIT_INO
}

/** The first user namespace has a fixed inode: PROC_USER_INIT_INO in include/linux/proc_ns.h. */
export const INITIAL_USER_NAMESPACE = 'user:[4026531837]';
