import { readText } from './read.ts';

/**
 * When the task started, in clock ticks (100 per second) after boot. With the pid it names one process for good, where a
 * pid alone is reused. Undefined when it is gone.
 */
export function readStartTime(pid: number, proc = '/proc'): number | undefined {
  return readField(pid, 22, proc);
}

const PF_KTHREAD = 0x00200000; // include/linux/sched.h; unchanged since 2.6.39

/** Kernel threads are told by their flag: no memory and no exe is true of zombies as well. */
export function isKernelThread(pid: number, proc = '/proc'): boolean {
  return ((readField(pid, 9, proc) ?? 0) & PF_KTHREAD) !== 0;
}

/** Is our process group the one that may read from our terminal? From the background a question would only stop us. */
export function isForeground(proc = '/proc'): boolean {
  return readField('self', 5, proc) === readField('self', 8, proc);
}

/** A numeric field of /proc/PID/stat by its number in proc(5). The name in field 2 may hold `)`, blanks and newlines. */
function readField(pid: number | 'self', field: number, proc: string): number | undefined {
  const text = readText(`${proc}/${pid}/stat`);
  if (text === undefined) return undefined;
  const afterName = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const value = Number(afterName[field - 3]);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A pid is reused; with the start time (clock ticks after boot) it names one process. */
export interface Process {
  readonly pid: number;
  readonly startTime: number;
}

/** The process that has this id now. The start time is 0 when there is none: what can be attached to has another. */
export function identify(pid: number): Process {
  return { pid, startTime: readStartTime(pid) ?? 0 };
}

/** `PID:START`, as the helpers of libexec/ read it. */
export function renderIdentity({ pid, startTime }: Process): string {
  return `${pid}:${startTime}`;
}
