import { renderHostile } from '../terminal.ts';
import { renderUser } from './account.ts';
import { readStatus } from './proc-status.ts';
import { readBytes, readText } from './read.ts';
import { readStartTime } from './stat.ts';

/** A process as it is shown to a person: every text is safe for a terminal. */
export interface ProcessDescription {
  readonly pid: number;
  readonly name: string;
  /** The words of its command line, cut in the middle; the name in brackets when it has none. */
  readonly commandLine: string;
  /** `dev (2000)`: whom it runs as (the effective user). */
  readonly user: string;
  /** It runs as the one who asks. */
  readonly yours: boolean;
  /** Whole seconds since it started. */
  readonly age: number;
}

/** Undefined when there is no such process, or none that we may see. */
export function describeProcess(pid: number, proc = '/proc'): ProcessDescription | undefined {
  const status = readStatus(pid, proc);
  if (status === undefined) return undefined;
  const name = renderHostile(status.name);
  const words = readWords(pid, proc).map((word) => word.toString('utf8'));
  return {
    pid,
    name,
    commandLine: words.length > 0 ? renderHostile(words.join(' ')) : `[${name}]`,
    user: renderUser(status.uid.effective),
    yours: status.uid.effective === process.geteuid?.(),
    age: readAge(pid, proc) ?? 0,
  };
}

/** `gdb (3991)`, or the bare pid when it is gone. */
export function renderProcess(pid: number, proc = '/proc'): string {
  const name = readStatus(pid, proc)?.name;
  return name === undefined ? String(pid) : `${renderHostile(name)} (${pid})`;
}

/** The words of /proc/PID/cmdline as bytes; none for kernel threads and zombies. A rewritten title is one word. */
export function readWords(pid: number, proc = '/proc'): Buffer[] {
  const bytes = readBytes(`${proc}/${pid}/cmdline`) ?? Buffer.alloc(0);
  const words: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    words.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return words;
}

/** {@link readWords} as latin1, a character for each byte: what is not UTF-8 is kept. */
export function readLatin1Words(pid: number, proc = '/proc'): string[] {
  return readWords(pid, proc).map((word) => word.toString('latin1'));
}

/** The name (comm) as bytes, at most 15 of them for a process; undefined when it is gone or hidden. */
export function readComm(pid: number, proc = '/proc'): Buffer | undefined {
  return readBytes(`${proc}/${pid}/comm`)?.subarray(0, -1); // the kernel adds a newline
}

const TICKS_PER_SECOND = 100; // USER_HZ, part of the ABI on every architecture Fedora has

function readAge(pid: number, proc: string): number | undefined {
  const started = readStartTime(pid, proc);
  const uptime = readText(`${proc}/uptime`);
  if (started === undefined || uptime === undefined) return undefined;
  return Math.max(0, Math.floor(Number.parseFloat(uptime) - started / TICKS_PER_SECOND));
}
