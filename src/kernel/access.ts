import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** What the kernel answers to an open. `nothing`: it has no memory (zombie, kernel thread, about to end), or we cannot ask. */
export type Answer = 'allowed' | 'refused' | 'nothing';

/**
 * Opening maps is the ptrace access check in mode READ: user, group, dumpable and capabilities, but Yama is not asked
 * (fs/proc/task_mmu.c). For a task without memory the file is empty, or, in newer kernels, cannot be opened (ESRCH).
 */
export function probeRead(pid: number, proc = '/proc'): Answer {
  return probe(`${proc}/${pid}/maps`, (fd) => readSync(fd, Buffer.alloc(1)) > 0);
}

/**
 * Opening mem is the same check in mode ATTACH, security modules included (fs/proc/base.c, mem_open): refused exactly
 * when an attach by this very process would be. It neither stops nor changes the target. Yama logs a refusal.
 */
export function probeAttach(pid: number, proc = '/proc'): Answer {
  return probe(`${proc}/${pid}/mem`, () => true);
}

function probe(path: string, holds: (fd: number) => boolean): Answer {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return holds(fd) ? 'allowed' : 'nothing';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'refused' : 'nothing';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * The user id that owns /proc/PID/mem: the effective one of a dumpable process, root's of its user namespace otherwise
 * (fs/proc/base.c, task_dump_owner). The only trace of the dumpable flag that everybody can see.
 */
export function readMemOwner(pid: number, proc = '/proc'): number | undefined {
  return statSync(`${proc}/${pid}/mem`, { throwIfNoEntry: false })?.uid;
}
