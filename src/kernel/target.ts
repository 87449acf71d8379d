import { readStatus, type Status } from './proc-status.ts';
import { identify, type Process } from './stat.ts';

/** A process or thread to attach to, as it was when it was named: its id may be another's later. */
export interface Target extends Process {
  /** Undefined when it is gone, or hidden from us. */
  readonly status: Status | undefined;
  /** The process that it is a thread of; for a process, itself. */
  readonly leader: Process;
}

/** What has this id now; without a status where nothing has. */
export function readTarget(pid: number): Target {
  const itself = identify(pid);
  const status = readStatus(pid);
  const leader = status === undefined || status.tgid === pid ? itself : identify(status.tgid);
  return { ...itself, status, leader };
}

/** The processes that these are, or are threads of: each once. */
export function leadersOf(targets: readonly Target[]): Process[] {
  return [...new Map(targets.map(({ leader }) => [leader.pid, leader])).values()];
}
