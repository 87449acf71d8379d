import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Ora } from 'ora';
import type { Obstacle } from '../failure.ts';
import { isForeground } from '../kernel/stat.ts';
import type { Voice } from '../say/voice.ts';
import { startAgent } from './agent.ts';
import type { Elevator } from './elevator.ts';
import { rememberTerminal } from './terminal-modes.ts';

/** A command on its way to root: it may still be waiting for the password. */
export interface RootRun {
  /** Why it ended; undefined when it ran. */
  readonly ended: Promise<Obstacle | undefined>;
  /** It runs as root: leaves it to itself, and the terminal as it was. */
  letGo(): void;
}

/**
 * Starts a command as root with these descriptors for its stdin and stdout. The password is asked for by the desktop's
 * agent or at our terminal, where Ctrl-C ends the asking and not us.
 */
export function startAsRoot(
  elevator: Elevator,
  command: readonly string[],
  [stdin, stdout]: readonly [number, number],
  voice?: Voice,
): RootRun {
  const { name } = elevator;
  const [file, ...args] = [...WORDS[name](elevator.path, isForeground()), ...command];
  const start = (stderr: 'inherit' | 'ignore' | 'pipe') =>
    spawn(file!, args, { stdio: [stdin, stdout, stderr], env: environment(name) });
  const asking: Asking = { interrupted: false };
  const restoreTerminal = rememberTerminal();
  const onInterrupt = () => {
    asking.interrupted = true;
  };
  process.on('SIGINT', onInterrupt);
  const settle = () => {
    asking.spinner?.stop();
    asking.agent?.kill('SIGTERM');
    restoreTerminal();
    process.off('SIGINT', onInterrupt);
  };
  return {
    ended: run(name, start, asking, voice).then((status) => {
      settle();
      if (asking.interrupted) voice?.say(''); // below the prompt that was left standing
      return explainEnd(name, status, asking.interrupted);
    }),
    letGo() {
      settle();
      asking.child?.stderr?.destroy();
      asking.child?.unref();
    },
  };
}

/** What is there while the password is asked for. */
interface Asking {
  child?: ChildProcess;
  agent?: ChildProcess | undefined;
  spinner?: Ora;
  interrupted: boolean;
}

/** The status in the end. On a desktop its own agent is asked first; the text agent only where there is no other. */
async function run(
  name: Elevator['name'],
  start: (stderr: 'inherit' | 'ignore' | 'pipe') => ChildProcess,
  asking: Asking,
  voice: Voice | undefined,
): Promise<number | undefined> {
  if (name === 'pkexec') {
    if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) {
      const { spin } = await import('../say/spinner.ts');
      asking.spinner = spin('waiting for the password in the dialog of your desktop', voice?.stream);
      asking.child = start('pipe');
      const complaint = readAll(asking.child.stderr!);
      const status = await waitForEnd(asking.child);
      asking.spinner.stop();
      if (status !== 127 || !(await complaint).includes(NO_AGENT)) return status;
    }
    if (isForeground()) asking.agent = await startAgent();
  }
  // sudo complains of a wrong password on stderr; what pkexec says there we say ourselves.
  asking.child = start(name === 'sudo' || name === 'run0' ? 'inherit' : 'ignore');
  return waitForEnd(asking.child);
}

/** pkexec's own words, which are not translated. */
const NO_AGENT = 'No authentication agent found';

async function readAll(stream: Readable): Promise<string> {
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  await Promise.race([once(stream, 'close'), once(stream, 'end')]);
  return text;
}

/**
 * sudo and pkexec leave next to nothing of it. Without them nothing of the person's is for a root process to read. pkexec
 * refuses everybody whose SHELL is not in /etc/shells.
 */
export function environment(name: Elevator['name'], env = process.env): NodeJS.ProcessEnv {
  if (name === 'root') return {};
  return name === 'pkexec' ? { ...env, SHELL: undefined } : env;
}

/** From the background, and without a terminal, a question for the password would stop or fail: only who need not ask does it. */
const WORDS: Record<Elevator['name'], (path: string, mayAsk: boolean) => string[]> = {
  root: () => [],
  pkexec: (path) => [path, '--disable-internal-agent'],
  // -k: no password that was given before
  sudo: (path, mayAsk) => [path, '-k', ...(mayAsk ? ['-p', '[sudo] password for %p: '] : ['-n']), '--'],
  run0: (path, mayAsk) => [path, '--pipe', ...(mayAsk ? [] : ['--no-ask-password']), '--'],
};

async function waitForEnd(child: ChildProcess): Promise<number | undefined> {
  try {
    const [status] = await once(child, 'exit');
    return status ?? undefined;
  } catch {
    return undefined; // it could not be started
  }
}

/** pkexec(1), RETURN VALUE: 126 when the dialogue was dismissed, 127 when not authorised. sudo answers 1 to all. */
function explainEnd(
  name: Elevator['name'],
  status: number | undefined,
  interrupted: boolean,
): Obstacle | undefined {
  if (interrupted || (name === 'pkexec' && status === 126)) {
    return { code: 'cancelled', reason: 'the authentication was cancelled' };
  }
  if (name === 'pkexec' && status === 127) return { reason: 'you were not authorised' };
  if (name !== 'root' && status !== 0) return { reason: `${name} did not let us in` };
  return undefined;
}
