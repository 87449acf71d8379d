import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { ASKED, expectAsItWas, openTerminal, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { TARGET } from './harness/vm.ts';

const vm = await connectVm();
beforeEach(async () => {
  await vm.emptyHome();
  port += 1;
});

/** Another one for each test: gdb 18 takes its time to end with its terminal, and its program with it. */
let port = 8123;

/** Bytes that are not UTF-8, newlines, quotes and what sh would expand: in the arguments and in the environment. */
const server = () => `cd "$(printf 'here "it" is\\377')" &&
  export ODD="$(printf '\\377\\nsecond $(line) \\140x\\140\\n')" QUOTES="'\\"\\\\" EMPTY= LINES=7 &&
  exec ${TARGET} server ${port} "$(printf 'a\\nb\\377')" '' "it's" '$HOME'`;

async function startServer(command = server()): Promise<number> {
  await vm.read(`mkdir "$(printf 'here "it" is\\377')"`);
  const running = await vm.start(command);
  onTestFinished(() => running.kill('SIGKILL').catch(() => {}));
  await running.waitFor('ready');
  return running.pid;
}

/** What the server that listens now says of itself, by kind of record: pid, ppid, cwd, arg, env. */
async function askServer(): Promise<Record<string, string[]>> {
  const { bytes } = await vm.run(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`]);
  const records: Record<string, string[]> = {};
  for (const record of bytes.stdout.toString('latin1').split('\0').filter(Boolean)) {
    const [, kind, value] = /^([a-z]+)=(.*)$/s.exec(record)!;
    records[kind!] = [...(records[kind!] ?? []), value!];
  }
  records.env?.sort();
  return records;
}

/** Up to what becomes of the running one, whose first choice is to stop it. */
async function chooseRelaunch(terminal: Terminal): Promise<void> {
  await terminal.waitFor(ASKED);
  await terminal.type('Relaunch');
  await terminal.waitFor('» Relaunch');
  await terminal.press('Enter');
  await terminal.waitFor('Remember this answer?');
  await terminal.press('Enter');
  await terminal.waitFor('What becomes of the running');
}

test.each([
  ['gdb -nx -q -p PID', '(gdb)', 'run\n'],
  ['strace -f -o /dev/null -p PID', 'ready', ''],
])('stops the server and starts it as the child of %s', async (command, started, run) => {
  const pid = await startServer();
  const before = await askServer();
  expect(before.pid).toEqual([String(pid)]);

  const terminal = await openTerminal(vm);
  await terminal.line(`sh -c 'echo "shim is $$"; exec ${command.replace('PID', String(pid))}'`);
  await chooseRelaunch(terminal);
  await terminal.press('Enter');
  const screen = await terminal.waitFor(started);
  const shim = /^shim is (\d+)/m.exec(screen)![1]!;
  if (run !== '') await terminal.type(run);
  await terminal.waitFor(/^ready \d+/m);

  const { pid: newPid, ppid, ...after } = await askServer();
  const { pid: _, ppid: __, ...same } = before;
  expect(after).toEqual(same);
  expect(newPid).not.toEqual(before.pid);
  expect(ppid).toEqual([shim]);
  expect((await vm.run(['test', '-e', `/proc/${pid}`])).status).toBe(1);
});

/**
 * What a server may hold in its environment: what would steer the shim, the tool and the screen, and a secret. It can gain
 * no privileges.
 */
const LURE = '/home/dev/lure';
const hostileServer = () => `mkdir ${LURE} &&
  echo 'shell echo the lure was taken' >${LURE}/.gdbinit &&
  printf '#!/bin/sh\\necho the lure was taken\\n' >${LURE}/evil && chmod 755 ${LURE}/evil &&
  export HOME=${LURE} XDG_CONFIG_HOME=${LURE} PYTHONHOME=/no/such LD_ENV_Production=hunter2 ptrace_shim_real=${LURE}/evil &&
  exec setpriv --no-new-privs env "$(printf '\\033[2J\\033[Hall is well')=1" ${TARGET} server ${port}`;

test.each([
  ['gdb -q -p PID', '(gdb)', 'run\n'],
  ['strace -f -o /dev/null -p PID', 'ready', ''],
])('is steered by nothing in the environment of the server: %s', async (command, started, run) => {
  const pid = await startServer(hostileServer());
  const before = await askServer();
  const terminal = await openTerminal(vm, { rows: 50 });
  await terminal.line(command.replace('PID', String(pid)));
  await chooseRelaunch(terminal);
  const question = await terminal.screen();
  expect(question).toContain('ptrace-shim: ');
  expect(question).toContain(`note     ${pid} runs with no_new_privs`);
  expect(question).toContain('\\e[2J\\e[Hall is well');
  await terminal.press('Enter');
  await terminal.waitFor(started, { timeout: 60_000 });
  if (run !== '') await terminal.type(run);
  const screen = await terminal.waitFor(/^ready \d+/m, { timeout: 60_000 });
  expect(screen).not.toContain('the lure was taken');

  const all = await vm.read('ps -ww -A -o args', { user: 'guest' });
  expect(all).toContain(`server ${port}`);
  expect(all).not.toContain('hunter2');
  const after = await askServer();
  const carried = before.env!.filter((variable) => !/^ptrace_shim_|all is well/.test(variable));
  expect(after.env).toEqual(carried);
  expect(carried).toContain(`HOME=${LURE}`);
  expect(carried).toContain('LD_ENV_Production=hunter2');
});

test('signals no other process that has the id by the time of the answer', async () => {
  const { pid, running } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -o /dev/null -p ${pid}`);
  await chooseRelaunch(terminal);
  await running.kill('SIGKILL');
  await running.wait();
  // The next process of this machine gets the id that is written here, or the one after a shell of the agent's.
  const again = `until [ "$other" = ${pid} ]; do
      [ -z "$other" ] || kill -9 "$other"
      echo ${pid - 1} >/proc/sys/kernel/ns_last_pid
      setpriv --reuid=2000 --regid=2000 --init-groups ${TARGET} sleep & other=$!
    done; wait`;
  const other = await vm.start(again, { user: 'root' });
  onTestFinished(() => vm.kill(pid, 'SIGKILL').catch(() => {}));
  await other.waitFor(`ready ${pid}`);
  await terminal.press('Enter');
  await terminal.waitFor(/^ready \d+/m);
  await expect.poll(() => vm.readFile(`/proc/${pid}/status`)).toMatch(/^State:\tS/m);
  await terminal.press('C-c');
});

test('asks again before it kills a program that ignores SIGTERM', async () => {
  const { running: stubborn } = await startTarget(vm, 'stubborn');
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -o /dev/null -p ${stubborn.pid}; echo "left with $?"`);
  await chooseRelaunch(terminal);
  await terminal.press('Enter');
  await terminal.waitFor(`waiting for ${stubborn.pid} to end`);
  await terminal.waitFor(`${stubborn.pid} is still running`);
  await terminal.type('Kill');
  await terminal.press('Enter');
  await terminal.waitFor(/^ready \d+/m);
  expect(await stubborn.wait()).toMatchObject({ signal: 'SIGKILL' });
  await terminal.press('C-c');
});

test('waits no longer after Ctrl-C, and leaves the terminal as it was', async () => {
  const { running: stubborn } = await startTarget(vm, 'stubborn');
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -o /dev/null -p ${stubborn.pid}`);
  await chooseRelaunch(terminal);
  await terminal.press('Enter');
  await terminal.waitFor(`waiting for ${stubborn.pid} to end`);
  await terminal.press('C-c');
  await terminal.line('echo "left with $?"');
  await terminal.waitFor('left with 130');
  await expectAsItWas(terminal);
});

test('goes back to the question, and leaves the program as it was', async () => {
  const pid = await startServer();
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  await chooseRelaunch(terminal);
  await terminal.type('Back');
  await terminal.press('Enter');
  await terminal.waitFor(/\? Back\n[\s\S]*navigate/);
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
  expect((await askServer()).pid).toEqual([String(pid)]);
});
