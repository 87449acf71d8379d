import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { xdgRuntime } from 'xdg-basedir';
import type { Obstacle } from '../failure.ts';
import { type Process, readStartTime, renderIdentity } from '../kernel/stat.ts';
import type { Voice } from '../say/voice.ts';
import { type RootRun, startAsRoot } from './elevate.ts';
import type { Elevator } from './elevator.ts';
import { helperCommand } from './helper.ts';

/** Until when the scope stays lowered; see libexec/ptrace-scope-window. */
export type WaitFor = 'named' | 'all' | 'child' | 'exit';

export interface WindowRequest {
  /** None for a launch. */
  readonly targets: readonly Process[];
  /** The process that will become the tool. */
  readonly tracer: Process;
  readonly waitFor: WaitFor;
  /** Seconds, at most 300. */
  readonly deadline: number;
  readonly elevator: Elevator | Obstacle;
}

/**
 * Armed: `open` is a line of sh that lowers the scope and returns once it is low, or cannot become so. While another window
 * is open it waits for that one to close, and says so on stderr.
 */
export interface Window {
  readonly open: string;
}

/**
 * Gets the helper to run as root, which asks for the password, and leaves it waiting. Nothing is changed before the line
 * `open` runs, and the helper leaves by itself when the tracer ends without that.
 */
export async function armWindow(request: WindowRequest, voice: Voice): Promise<Window | Obstacle> {
  const { elevator } = request;
  if ('reason' in elevator) return elevator;
  const channel = makeChannel(request.tracer);
  const stdio = [openSync(channel.told, 'r+'), openSync(channel.said, 'r+')] as const;
  const { words, stdin } = helperCommand('ptrace-scope-window');
  if (!fill(channel.told, stdin)) {
    for (const fd of stdio) closeSync(fd);
    removeFolder(channel.folder);
    return { reason: 'the helper does not fit into a pipe' };
  }
  const run = startAsRoot(elevator, [...words, ...helperWords(request)], stdio, voice);
  const answer = await hear(channel.said, run);
  for (const fd of stdio) closeSync(fd);
  if (answer === 'armed') {
    run.letGo();
    return { open: openingLine(channel) };
  }
  await run.ended; // until then the terminal's modes are those of who asked for the password
  removeFolder(channel.folder);
  if (typeof answer === 'object') return answer;
  return { reason: answer?.replace(/^refused: /, '') ?? 'the helper did not answer' };
}

/** Two FIFOs in a folder that is ours alone: what the helper is told, and what it says. */
interface Channel {
  readonly folder: string;
  readonly told: string;
  readonly said: string;
}

const PREFIX = 'ptrace-shim-window.';

function makeChannel({ pid, startTime }: Process): Channel {
  const parent = [xdgRuntime, tmpdir()].find((path) => path && isPlain(path) && existsSync(path)) ?? '/tmp';
  sweep(parent);
  const folder = mkdtempSync(join(parent, `${PREFIX}${pid}.${startTime}.`));
  const channel = { folder, told: join(folder, 'told'), said: join(folder, 'said') };
  execFileSync('mkfifo', ['-m', '600', channel.told, channel.said]); // execa is larger than all else that is loaded here
  return channel;
}

/** Writes at once or not at all: a FIFO is small for whom the kernel grants no more (pipe(7), pipe-user-pages-soft). */
function fill(fifo: string, text: string): boolean {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return writeSync(fd, text) === Buffer.byteLength(text);
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

/** Fit for a line of sh without quotes. */
function isPlain(path: string): boolean {
  return /^\/[\w./-]*$/.test(path);
}

/** Removes the channels of tools that are gone; one whose line `open` has run is gone already. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const [pid, startTime] = name.slice(PREFIX.length).split('.').map(Number);
    if (readStartTime(pid!) !== startTime) removeOurs(join(parent, name));
  }
}

/** Another user's could lead anywhere by the time we look into it. */
function removeOurs(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.uid === process.geteuid?.()) removeFolder(folder);
}

/** Nothing to fail over. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {}
}

/** The helper's first line; why it never ran; or undefined when it ended without a word. */
async function hear(said: string, run: RootRun): Promise<string | Obstacle | undefined> {
  let end: { why: Obstacle | undefined } | undefined;
  run.ended.then((why) => {
    end = { why };
  });
  const fd = openSync(said, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) {
      const ended = end; // before reading: what it said last is still to be read
      const line = readLine(fd);
      if (line !== undefined) return line;
      if (ended) return ended.why;
      await sleep(20);
    }
  } finally {
    closeSync(fd);
  }
}

/** The helper says nothing more until it is told to go on, so there is no more than one line to be read. */
function readLine(fd: number): string | undefined {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes)).trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/**
 * Only the helper holds the FIFO `said` open for writing once we are gone, so that reading it ends when the helper dies:
 * opened for both first, as opening it for reading alone would wait for a helper that is dead already. Without quotes,
 * backslashes and exclamation marks, for gdb has to pass it on to a shell.
 */
function openingLine({ folder, told, said }: Channel): string {
  const wait =
    'case $ptrace_shim_said in waiting*) echo ptrace-shim: $ptrace_shim_said >&6;; *) break;; esac';
  const talk = `/bin/rm -rf ${folder}; echo open >&5; while read -r ptrace_shim_said; do ${wait}; done <&4;`;
  return `{ { ${talk} } 5<>${told} 3<>${said} 4<${said} 3>&-; } 6>&2 2>/dev/null`;
}

function helperWords({ targets, tracer, waitFor, deadline }: WindowRequest): string[] {
  return [
    `seconds=${Math.min(deadline, LONGEST)}`,
    `until=${waitFor}`,
    `tracer=${renderIdentity(tracer)}`,
    `targets=${[...new Set(targets.map(renderIdentity))].join(',') || '-'}`, // last, as they may fill the dialogue
  ];
}

const LONGEST = 300; // the helper's own cap
