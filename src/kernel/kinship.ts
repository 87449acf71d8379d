import { readStatus } from './proc-status.ts';

/**
 * Is `pid` the process `ancestor` or a descendant of it, as Yama walks: real parents, by thread group
 * (security/yama/yama_lsm.c, task_is_descendant)? A process whose parent died was handed to init or a subreaper, and
 * is a descendant of that one from then on.
 */
export function isDescendant(pid: number, ancestor: number, proc = '/proc'): boolean {
  const wanted = readStatus(ancestor, proc)?.tgid;
  if (wanted === undefined) return false;
  // Processes come and go while we walk, so that a reused pid could close a circle.
  const seen = new Set<number>();
  let walker = readStatus(pid, proc);
  while (walker !== undefined && !seen.has(walker.tgid)) {
    if (walker.tgid === wanted) return true;
    seen.add(walker.tgid);
    walker = walker.ppid > 0 ? readStatus(walker.ppid, proc) : undefined;
  }
  return false;
}
