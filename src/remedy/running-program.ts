import { existsSync, readlinkSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Obstacle } from '../failure.ts';
import { readLatin1Words } from '../kernel/process.ts';
import { readBytes, readText } from '../kernel/read.ts';
import { readStartTime } from '../kernel/stat.ts';
import { renderHostile } from '../terminal.ts';
import { readConfinement } from './confinement.ts';

/** A running process seen as a program that could be started again. All texts are latin1: one character per byte. */
export interface RunningProgram {
  readonly pid: number;
  /** With the pid it is one process for good. */
  readonly startTime: number;
  /** What to execute: argv[0] as a path when that is the same file, as programs like busybox go by their name. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Octal; undefined before Linux 4.7. */
  readonly umask: string | undefined;
  /** Soft limits that `ulimit` sets in the same unit in every shell: open files. */
  readonly limits: Readonly<Record<string, string>>;
  /** What the person should know before it is started again: a sentence each, safe for a terminal. */
  readonly remarks: readonly string[];
}

/**
 * Reads how the process of this id and start time was started. Answers a reason in words, safe for a terminal, when it
 * cannot be started again as it is.
 *
 * Everything is read with access mode READ, which Yama does not restrict.
 */
export function readProgram(pid: number, startTime: number, proc = '/proc'): RunningProgram | Obstacle {
  const read = readFiles(pid, proc);
  // Asked for last: what was read is then that process's, and not that of a later one of its id.
  if (readStartTime(pid, proc) !== startTime) {
    return { reason: `${pid} has ended` };
  }
  return 'reason' in read ? read : { pid, startTime, ...read };
}

type Files = Omit<RunningProgram, 'pid' | 'startTime'>;

function readFiles(pid: number, proc: string): Files | Obstacle {
  const words = readLatin1Words(pid, proc);
  const exe = readPath(`${proc}/${pid}/exe`);
  const cwd = readPath(`${proc}/${pid}/cwd`);
  const environment = readEnvironment(pid, proc);
  if (exe === undefined || cwd === undefined || environment === undefined || words.length === 0) {
    return { reason: `how ${pid} was started cannot be read` };
  }
  if (isElsewhere(pid, proc)) return { reason: `${pid} runs in a container or sandbox of its own` };
  const remarks: string[] = [];
  let path = exe;
  if (!exists(path) && path.endsWith(DELETED)) {
    path = path.slice(0, -DELETED.length);
    if (!exists(path)) return { reason: `its program, ${show(path)}, has been deleted` };
    remarks.push(`${show(path)} was replaced since ${pid} started: the new one would run`);
  }
  if (!exists(cwd)) return { reason: `its directory, ${show(cwd)}, has been deleted` };
  const named = resolveName(words[0]!, cwd, environment.get('PATH'));
  const file = named !== undefined && isSameFile(named, path) ? named : path;
  if (file === path && words.length === 1 && looksRewritten(words[0]!, path)) {
    return { reason: `${pid} has overwritten its command line, so its arguments are lost` };
  }
  const unit = readUnit(pid, proc);
  if (unit !== undefined) {
    remarks.push(`systemd runs it as ${renderHostile(unit, 60)}, and may start it anew when it stops`);
  }
  remarks.push(...readConfinement(pid, proc));
  return {
    file,
    args: words.slice(1),
    cwd,
    environment,
    umask: readText(`${proc}/${pid}/status`)?.match(/^Umask:\t(\d+)$/m)?.[1],
    limits: readLimits(pid, proc),
    remarks,
  };
}

/** Its command line as a person would type it, cut to `width` characters, but to no less than 16. */
export function renderProgram({ file, args }: RunningProgram, width: number): string {
  return show([file, ...args].join(' '), Math.max(16, width));
}

/** The environment that a process was started with, as latin1; undefined when it is gone or not to be read. */
export function readEnvironment(pid: number, proc = '/proc'): Map<string, string> | undefined {
  const environ = readBytes(`${proc}/${pid}/environ`);
  if (environ === undefined) return undefined;
  const variables = environ
    .toString('latin1')
    .split('\0')
    .filter((entry) => entry.indexOf('=') > 0)
    .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const);
  // The first of two entries is the one that getenv finds.
  return new Map(variables.reverse());
}

const DELETED = ' (deleted)'; // what the kernel adds to a link whose file is gone: proc_pid_exe(5)

function readPath(link: string): string | undefined {
  try {
    return readlinkSync(link, 'latin1');
  } catch {
    return undefined;
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

function exists(path: string): boolean {
  return existsSync(bytes(path));
}

/** As text that is safe for a terminal. */
export function show(text: string, width?: number): string {
  return renderHostile(bytes(text).toString('utf8'), width);
}

function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(bytes(one)), statSync(bytes(other))];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** Other files, other process ids, other users: what we would start here is not the program that runs there. */
function isElsewhere(pid: number, proc: string): boolean {
  return ['ns/mnt', 'ns/pid', 'ns/user', 'root'].some(
    (link) => readPath(`${proc}/${pid}/${link}`) !== readPath(`${proc}/self/${link}`),
  );
}

/** The file that argv[0] names, as execvp would have looked it up. A login shell's dash is not part of a name. */
function resolveName(name: string, cwd: string, path = '/usr/bin:/bin'): string | undefined {
  if (name === '') return undefined;
  if (name.includes('/')) return resolve(cwd, name);
  return path
    .split(delimiter)
    .map((directory) => resolve(cwd, directory, name))
    .find(exists);
}

/** setproctitle(3) and its kin put one text in place of all words: `nginx: master process /usr/sbin/nginx`. */
function looksRewritten(word: string, path: string): boolean {
  return word.includes(' ') && word !== path;
}

/** The service that the process belongs to, `orders.service`; a person's own session and terminals are none. */
function readUnit(pid: number, proc: string): string | undefined {
  return readText(`${proc}/${pid}/cgroup`)
    ?.match(/[^/\n]+\.service/g)
    ?.filter((unit) => !/^user@\d+\.service$/.test(unit))
    .at(-1);
}

function readLimits(pid: number, proc: string): Record<string, string> {
  const files = readText(`${proc}/${pid}/limits`)?.match(/^Max open files +(\d+|unlimited)/m)?.[1];
  return files === undefined ? {} : { n: files };
}
