import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { basename } from 'node:path';

/** What a new login shell of the person says. */
export interface LoginShell {
  readonly path: string;
  /** What typing each name reaches: a file, an alias or function by its text; empty for nothing. */
  readonly typed: ReadonlyMap<string, string>;
}

/** The person's shell: the session's own word for it, else the account's. */
export function findShell(): string {
  return process.env.SHELL || userInfo().shell || '/bin/sh';
}

/**
 * Starts the shell as a login does, reads its rc files included, and asks it what typing these names would run. Returns
 * a sentence when it cannot be asked: rc files may print, exec something else, or wait for somebody who is not there.
 */
export async function askLoginShell(
  shell: string,
  names: readonly string[],
  seconds = 20,
): Promise<LoginShell | string> {
  const script = SCRIPTS[basename(shell)];
  if (script === undefined) return `${basename(shell)} is a shell that doctor cannot ask`;
  const said = await run(shell, ['-l', '-i', '-c', script(names)], seconds);
  if (said === undefined)
    return `${shell} did not answer within ${seconds} seconds: its rc files wait for something`;
  const [, answer] = /^[\s\S]*^ptrace-shim-begin\n([\s\S]*)^ptrace-shim-end$/m.exec(said) ?? [];
  if (answer === undefined)
    return `${shell} did not run the question: its rc files start something else, or fail`;
  const [path = '', ...typed] = answer.split('\0\n');
  return { path, typed: new Map(names.map((name, index) => [name, (typed[index] ?? '').trim()])) };
}

/** Each answer ends in NUL and a newline, as the text of an alias may have newlines of its own. */
function bourne(names: readonly string[]): string {
  return [
    `printf '\\nptrace-shim-begin\\n%s\\0\\n' "$PATH"`,
    `for name in ${names.join(' ')}; do command -v "$name"; printf '\\0\\n'; done`,
    `printf 'ptrace-shim-end\\n'`,
  ].join('\n');
}

/** fish has PATH as a list, and `command -v` for files alone. */
function fish(names: readonly string[]): string {
  return [
    `printf '\\nptrace-shim-begin\\n%s\\0\\n' (string join : -- $PATH)`,
    `for name in ${names.join(' ')}`,
    '  if functions -q $name; echo function $name; else; command -v $name; end',
    `  printf '\\0\\n'`,
    'end',
    `printf 'ptrace-shim-end\\n'`,
  ].join('\n');
}

const SCRIPTS: Readonly<Record<string, (names: readonly string[]) => string>> = {
  bash: bourne,
  zsh: bourne,
  sh: bourne,
  dash: bourne,
  ksh: bourne,
  mksh: bourne,
  fish,
};

/**
 * With the environment of a login, so that what was changed in this terminal alone does not count; without a terminal
 * that an interactive shell could take from us. What it starts is killed with it when the time is up.
 */
function run(shell: string, args: string[], seconds: number): Promise<string | undefined> {
  const child = spawn(shell, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    cwd: '/',
    env: loginEnvironment(shell),
  });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const settle = (text: string | undefined) => {
      clearTimeout(timer);
      child.stdout.destroy(); // something in the background may hold it open
      resolve(text);
    };
    const said = () => Buffer.concat(chunks).toString();
    const timer = setTimeout(() => {
      killGroup(child.pid);
      settle(undefined);
    }, seconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (said().includes('\nptrace-shim-end\n')) settle(said());
    });
    child.on('error', () => settle(''));
    child.on('close', () => settle(said()));
    child.on('exit', () => setTimeout(() => settle(said()), 2000).unref());
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {}
}

/** What login(1) sets, and what tells rc files of the terminal and the desktop. */
function loginEnvironment(shell: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(HOME|USER|LOGNAME|LANG|LC_.*|TERM|XDG_.*|ZDOTDIR)$/.test(name),
  );
  return { ...Object.fromEntries(kept), SHELL: shell, PATH: LOGIN_PATH };
}

const LOGIN_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';
