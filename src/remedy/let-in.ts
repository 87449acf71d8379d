import { existsSync } from 'node:fs';
import { readStatus } from '../kernel/proc-status.ts';
import { identify, type Process } from '../kernel/stat.ts';
import type { Tool } from '../tools/tool.ts';

/**
 * Why a permission cannot help with processes or threads that the scope alone refuses; undefined where it can. `tool` is who
 * would be let in, where that is known.
 */
export function whyNotLetIn(pids: readonly number[], tool?: Tool): string | undefined {
  if (tool?.readsScope) return `${tool.name} reads the scope itself, and gives up above 0`;
  if (!['x64', 'arm64'].includes(process.arch)) return 'a permission can be given on x86-64 and arm64 alone';
  if (!existsSync('/usr/bin/python3')) return 'a permission takes Python: there is no /usr/bin/python3';
  if (pids.length > MOST) return `a permission can be given for ${MOST} processes at once`;
  for (const pid of pids) {
    const status = readStatus(pid);
    if (status === undefined) return `${pid} has ended`;
    if (status.tracerPid > 0) return `${pid} is traced already`;
    if (status.seccomp > 0) return `${pid} has a seccomp filter, which may end it for the call`;
  }
}

const MOST = 64; // the helper's own cap

/** The processes that these processes and threads belong to. */
export function toLeaders(targets: readonly Process[]): Process[] {
  const leaders = targets.map((target) => {
    const leader = readStatus(target.pid)?.tgid ?? target.pid;
    return leader === target.pid ? target : identify(leader);
  });
  return [...new Map(leaders.map((each) => [each.pid, each])).values()];
}
