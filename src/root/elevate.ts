import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import type { Ora } from 'ora';
import type { Obstacle } from '../failure.ts';
import type { Scope } from '../kernel/cause.ts';
import { hasPtraceCapability, readStatus } from '../kernel/proc-status.ts';
import { readText } from '../kernel/read.ts';
import { type Container, sayContainer } from '../machine/container.ts';
import type { Voice } from '../say/voice.ts';
import type { Elevate } from '../settings.ts';

/** What makes us root; without a path nothing need be done, as we are root already. */
export interface Elevator {
  readonly name: Exclude<Elevate, 'auto'> | 'root';
  readonly path: string;
}

/** Chooses by the setting; `auto` takes pkexec before sudo before run0. Or says why none can work. */
export function findElevator(elevate: Elevate): Elevator | Obstacle {
  if (process.geteuid?.() === 0) {
    // security/yama/yama_lsm.c, yama_dointvec_minmax: to write the sysctl takes the capability, root or not.
    const self = readStatus('self');
    if (self !== undefined && hasPtraceCapability(self)) return { name: 'root', path: '' };
    return { reason: 'root without CAP_SYS_PTRACE cannot change the scope' };
  }
  if (/^NoNewPrivs:\s*1$/m.test(readText('/proc/self/status') ?? '')) {
    return { reason: 'this session can gain no privileges (NoNewPrivs)' };
  }
  const names = elevate === 'auto' ? (['pkexec', 'sudo', 'run0'] as const) : [elevate];
  for (const name of names) {
    const path = findTrusted(name);
    if (path !== undefined) return { name, path };
  }
  const list = names.join(', ').replace(/, (\w+)$/, ' or $1');
  return { code: 'no-elevator', reason: `there is no ${list} that works here` };
}

/** Why no helper of ours can do anything from here, whatever for; undefined where one can. */
export function whyNoRoot(
  { scope, container }: { readonly scope: Scope; readonly container?: Container | undefined },
  elevate: Elevate,
): string | undefined {
  if (scope === 3) return 'scope 3 stays until the next boot';
  if (container !== undefined) return `a ${sayContainer(container)} cannot change the scope`;
  const elevator = findElevator(elevate);
  return 'reason' in elevator ? elevator.reason : undefined;
}

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
  const [file, ...args] = [...WORDS[name](elevator.path), ...command];
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
    asking.agent = await startAgent();
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

const WORDS: Record<Elevator['name'], (path: string) => string[]> = {
  root: () => [],
  pkexec: (path) => [path, '--disable-internal-agent'],
  sudo: (path) => [path, '-k', '-p', '[sudo] password for %p: ', '--'], // -k: no password that was given before
  run0: (path) => [path, '--pipe', '--'],
};

/** Not PATH, which may lead into somebody's home. */
const TRUSTED = ['/usr/bin', '/bin'];

/** The program where it is root's and could work here; undefined otherwise. */
export function findTrusted(name: 'pkexec' | 'sudo' | 'run0'): string | undefined {
  if (name === 'pkexec' && !existsSync('/run/dbus/system_bus_socket')) return undefined; // no polkit to ask
  const setUid = name === 'run0' ? 0 : 0o4000;
  return TRUSTED.map((folder) => `${folder}/${name}`).find((path) => {
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.uid === 0 && (file.mode & setUid) === setUid;
  });
}

/**
 * Registers a text agent for our process, which is the one that pkexec asks polkit about: pkexec's own fails before
 * polkit 125 ("No session for cookie"). It goes when we go, and leaves the terminal to the tool.
 */
async function startAgent(): Promise<ChildProcess | undefined> {
  const path = TRUSTED.map((folder) => `${folder}/pkttyagent`).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const words = [path, '--process', String(process.pid), '--notify-fd', '3'];
  const [file, ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', ...words] : words;
  const agent = spawn(file!, args, { stdio: ['inherit', 'ignore', 'ignore', 'pipe'] });
  agent.on('error', () => {});
  agent.unref();
  const ready = agent.stdio[3] as Duplex;
  ready.resume();
  await once(ready, 'close'); // closed when registered, or when it has failed
  return agent;
}

const SETPRIV = '/usr/bin/setpriv';

async function waitForEnd(child: ChildProcess): Promise<number | undefined> {
  try {
    const [status] = await once(child, 'exit');
    return status ?? undefined;
  } catch {
    return undefined; // it could not be started
  }
}

/** pkexec(1), RETURN VALUE: 126 when the dialog was dismissed, 127 when not authorised. sudo answers 1 to all. */
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

/** The terminal's modes now, to be set again: an agent that is killed at its prompt leaves the echo off. */
function rememberTerminal(): () => void {
  const stty = (words: string[]) => {
    let terminal: number | undefined;
    try {
      terminal = openSync('/dev/tty', 'r+');
      return execFileSync('/usr/bin/stty', words, {
        stdio: [terminal, 'pipe', 'ignore'],
        encoding: 'utf8',
      }).trim();
    } catch {
      return undefined; // there is no terminal
    } finally {
      if (terminal !== undefined) closeSync(terminal);
    }
  };
  const modes = stty(['-g']);
  return () => {
    if (modes !== undefined) stty([modes]);
  };
}
