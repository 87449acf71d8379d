import { expect, onTestFinished } from 'vitest';
import type { Running } from './running.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';
import { PATH_WITH_SHIMS, type StartOptions, TARGET, USERS, type Vm } from './vm.ts';

/** Starts a program of test/fixtures/target.c that is no relative of what the test does next; it ends with the test. */
export async function startTarget(
  vm: Vm,
  verb = 'sleep',
  options: StartOptions & { args?: string[] } = {},
): Promise<{ pid: number; running: Running }> {
  const { args = [], ...rest } = options;
  const running = await vm.start([TARGET, verb, ...args], rest);
  onTestFinished(() => running.kill('SIGKILL').catch(() => {}));
  const [, pid] = /ready (\d+)/.exec(await running.waitFor(/ready \d+\n/))!;
  return { pid: Number(pid), running };
}

/** Opens a terminal of somebody who has the shims in PATH; it is closed with the test. */
export async function openTerminal(vm: Vm, options: TerminalOptions = {}): Promise<Terminal> {
  const { env, ...rest } = options;
  const terminal = await vm.terminal({
    shell: ['/bin/bash', '--norc', '--noprofile'],
    ...rest,
    env: { PATH: PATH_WITH_SHIMS, PS1: '$ ', TERM: 'xterm-256color', ...env },
  });
  onTestFinished(() => terminal.close().catch(() => {}));
  return terminal;
}

/** The question's first choice, by which a test knows that it is being asked. */
export const QUESTION = 'What do you want to do?';

/** The question with all its choices, ready for a key. */
export const ASKED = /What do you want to do\?\n[\s\S]*navigate/;

/** Answers the question, and gives the password unless that is null. Who has said "just this once" is not asked that again. */
export async function attachNow(
  terminal: Terminal,
  {
    memory = 'Just',
    password = USERS.dev.password as string | null,
    choice = 'Attach',
    asksMemory = true,
  } = {},
): Promise<void> {
  await terminal.waitFor(ASKED);
  await terminal.type(choice);
  await terminal.press('Enter');
  if (asksMemory) {
    await terminal.waitFor('Remember this answer?');
    await terminal.type(memory);
    await terminal.press('Enter');
  }
  if (password !== null) await givePassword(terminal, password);
}

/** The same for the one-shot sysctl. */
export async function lowerScope(
  terminal: Terminal,
  options: Parameters<typeof attachNow>[1] = {},
): Promise<void> {
  await attachNow(terminal, { choice: 'Lower', ...options });
}

/** To the text agent of polkit, or to sudo. */
export async function givePassword(terminal: Terminal, password: string = USERS.dev.password): Promise<void> {
  await terminal.waitFor(/[Pp]assword( for \w+)?: *$/);
  await terminal.secret(password);
}

/** At a prompt of the shell: what is typed is seen, and so is the cursor. */
export async function expectAsItWas(terminal: Terminal): Promise<void> {
  await terminal.line('stty -a | grep -o " echo "; echo done');
  expect(await terminal.waitFor(/^done/m)).toMatch(/^ echo/m);
  expect(await terminal.showsCursor()).toBe(true);
}
