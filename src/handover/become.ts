import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { readText } from '../kernel/read.ts';
import { isForeground } from '../kernel/stat.ts';
import { quote } from './plan.ts';

/** A program that is to take our place at the terminal. */
export interface Successor {
  /** As latin1, the first being the program. */
  readonly words: readonly string[];
  /** The words of what execs it in its turn, as `setpriv --ptracer any --`. */
  readonly through?: readonly string[];
}

/**
 * Executes the program in place of this one where Node can (process.execve, from 22.15 on), which does not return.
 * Elsewhere the program is our child: resolves with the exit status that is then to be ours.
 */
export async function become(successor: Successor): Promise<number> {
  const words = shellWords(successor, [restoreLimit()]);
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void };
  if (execve && canResetSignals()) execve(ENV, [...RESET_SIGNALS, ...words], process.env);
  const child = spawn(words[0]!, words.slice(1), { stdio: 'inherit' });
  return follow(child, once(child, 'exit'));
}

/** A shell that waits to become the program, so that its pid is known before. */
export interface Waiting {
  readonly pid: number;
  /** Has it evaluate a line of sh, and then become the program. Resolves with the exit status. */
  go(line: string): Promise<number>;
  /** Ends it. */
  stop(): void;
}

/** When we die before it was told to go, it reads nothing, and ends. */
export function startWaiting(successor: Successor): Waiting {
  const [file, ...args] = shellWords(successor, [
    'IFS= read -r ptrace_shim_line <&3 || exit',
    'exec 3<&-',
    restoreLimit(),
    'eval "$ptrace_shim_line"',
  ]);
  const child = spawn(file!, args, { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] });
  const end = once(child, 'exit');
  const pipe = child.stdio[3] as NodeJS.WritableStream;
  pipe.on('error', () => {}); // it has ended: the status tells
  return {
    pid: child.pid!,
    go(line) {
      pipe.end(`${line}\n`);
      return follow(child, end);
    },
    stop() {
      child.kill('SIGKILL');
    },
  };
}

/**
 * `/bin/sh -c …` that runs the lines `before` and execs the program. A word that is no UTF-8 would be lost on its way
 * through a JavaScript string: sh makes it anew from octal escapes, and an x that saves newlines at its end.
 */
function shellWords({ words, through = [] }: Successor, before: readonly string[]): string[] {
  const texts = words.map(toText);
  const made = words.map((word, index) =>
    texts[index] === undefined ? `ptrace_shim_${index + 1}=$(printf '${toOctal(word)}x')` : '',
  );
  const refer = (_: string, index: number) =>
    texts[index] === undefined ? `"\${ptrace_shim_${index + 1}%x}"` : `"\${${index + 1}}"`;
  const exec = ['exec', ...through.map(quote), ...words.map(refer)].join(' ');
  const script = [...before, ...made, exec].filter((line) => line !== '').join('\n');
  return ['/bin/sh', '-c', script, 'ptrace-shim', ...texts.map((text) => text ?? '')];
}

function toText(word: string): string | undefined {
  const bytes = Buffer.from(word, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

function toOctal(word: string): string {
  return [...word].map((byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
}

/** Node raises its soft limit of open files, and passes it on; whoever started us has the one to go back to. */
function restoreLimit(): string {
  const [soft] =
    /^Max open files +(\d+)/m.exec(readText(`/proc/${process.ppid}/limits`) ?? '')?.slice(1) ?? [];
  return soft === undefined ? '' : `ulimit -S -n ${soft} 2>/dev/null`;
}

/** Node ignores these two, which an exec keeps and a shell cannot undo; a child that Node spawns has them back. */
const ENV = '/usr/bin/env';
const RESET_SIGNALS = ['env', '--default-signal=PIPE', '--default-signal=XFSZ'];

/** coreutils from 8.31 on. Node aborts when an execve fails, so nothing is left to chance. */
function canResetSignals(): boolean {
  return spawnSync(ENV, [...RESET_SIGNALS.slice(1), '/bin/sh', '-c', ':']).status === 0;
}

/** Waits for the child, and hands on the signals that reach us alone. */
async function follow(child: ChildProcess, end: Promise<unknown[]>): Promise<number> {
  const handOn = (signal: NodeJS.Signals) => {
    const typed = (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
    if (!typed) child.kill(signal); // what is typed reaches it as well
  };
  for (const signal of HANDED_ON) process.on(signal, handOn);
  const [status, signal] = (await end) as [number | null, NodeJS.Signals | null];
  for (const each of HANDED_ON) process.off(each, handOn);
  return signal === null ? status! : 128 + constants.signals[signal];
}

const HANDED_ON = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
