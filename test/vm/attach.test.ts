import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watch } from '../storm/attaches.ts';
import { connectVm } from './harness/connect.ts';
import {
  ASKED,
  attachNow,
  expectAsItWas,
  givePassword,
  openTerminal,
  QUESTION,
  startTarget,
} from './harness/person.ts';
import { expectScope } from './harness/window.ts';

const vm = await connectVm();
beforeEach(() => vm.emptyHome());
afterEach(async () => expect(await vm.scope()).toBe(1));

/** The kernel's word for who traces it. */
async function tracerOf(pid: number): Promise<number> {
  return Number(/^TracerPid:\t(\d+)/m.exec(await vm.readFile(`/proc/${pid}/status`))![1]);
}

describe('Attach now', () => {
  test('attaches gdb, which is the shim by pid, and restores the scope while it stays attached', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { cols: 110 });
    await terminal.line(`sh -c 'echo "shim is $$"; exec gdb -nx -q -p ${pid}'; echo "left with $?"`);
    expect(await terminal.waitFor(ASKED)).toContain(
      `ptrace-shim: gdb can't attach to ${pid}: kernel.yama.ptrace_scope is 1 (restricted)`,
    );
    await attachNow(terminal);
    const screen = await terminal.waitFor('(gdb)');
    const shim = Number(/^shim is (\d+)/m.exec(screen)![1]);
    await expectScope(vm, 1);
    expect(await tracerOf(pid)).toBe(shim);
    await terminal.line('bt');
    await terminal.waitFor(/#\d+ .* main.*\n\(gdb\)$/);
    await terminal.line('quit 42');
    await terminal.waitFor(/Quit anyway\? \(y or n\)/);
    await terminal.line('y');
    await terminal.waitFor('left with 42');
  });

  test.each([
    ['gdb -nx -batch -p PID -ex bt', /#\d+ .* main/],
    ['gdb -nx -batch /opt/ptrace-shim/test/fixtures/built/target PID -ex bt', /#\d+ .* main/],
    ['eu-stack -p PID', /#\d+ .* main/],
  ])('gets through with %s', async (command, wanted) => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50 });
    await terminal.line(`${command.replace('PID', String(pid))}; echo "left with $?"`);
    await attachNow(terminal);
    const screen = await terminal.waitFor(/left with \d+/);
    expect(screen).toMatch(wanted);
    expect(screen).toContain('left with 0');
    await expectScope(vm, 1);
  });

  test('gets strace to all of 50 threads', async () => {
    const { pid } = await startTarget(vm, 'threads', { args: ['50'] });
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -f -o /dev/null -p ${pid}; echo "left with $?"`);
    await attachNow(terminal);
    await terminal.waitFor(`Process ${pid} attached with 50 threads`);
    await expectScope(vm, 1);
    const untraced = await vm.run(`grep -L 'TracerPid:.[1-9]' /proc/${pid}/task/*/status`);
    expect(untraced.stdout).toBe('');
    await terminal.press('C-c');
    await terminal.waitFor(/Process \d+ detached/);
  });

  test('gets strace to two targets', async () => {
    const { pid } = await startTarget(vm);
    const { pid: other } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p "${pid} ${other}"; echo "left with $?"`);
    await attachNow(terminal);
    await terminal.waitFor(`Process ${other} attached`);
    await expectScope(vm, 1);
    expect(await tracerOf(pid)).toBe(await tracerOf(other));
    expect(await tracerOf(pid)).toBeGreaterThan(0);
    await terminal.press('C-c');
    await terminal.waitFor(`Process ${pid} detached`);
  });

  test('does not ask again after "always for gdb", and asks for strace', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 60 });
    await terminal.line(`gdb -nx -batch -p ${pid}; echo "left with $?"`);
    await attachNow(terminal, { memory: 'Always for' });
    await terminal.waitFor('left with 0');
    await terminal.line(`clear; echo second; gdb -nx -batch -p ${pid} -ex bt; echo "left again with $?"`);
    await terminal.waitFor(/^second$/m);
    await givePassword(terminal);
    const screen = await terminal.waitFor('left again with 0');
    expect(screen).not.toContain(QUESTION);
    await terminal.line(`clear; echo third; strace -p ${pid}`);
    await terminal.waitFor(/^third$/m);
    await terminal.waitFor(ASKED);
    await terminal.press('C-c');
  });
});

describe('lets in one tracer to one target', () => {
  test.each([
    ['sleep', 'gdb -nx -batch -p PID -ex bt', 'left with 0'],
    ['threads', 'strace -f -o /dev/null -p PID', 'attached with'],
    ['sleep', 'eu-stack -p PID', 'left with 0'],
  ])('%s, %s: the scope never leaves 1, and no stranger gets in', async (verb, command, done) => {
    const { pid } = await startTarget(vm, verb, verb === 'threads' ? { args: ['50'] } : {});
    const { pid: bystander } = await startTarget(vm);
    const watchers = await watch(vm, [pid, bystander]);
    const terminal = await openTerminal(vm, { rows: 50 });
    await terminal.line(`${command.replace('PID', String(pid))}; echo "left with $?"`);
    await attachNow(terminal);
    await terminal.waitFor(done);
    expect(watchers.map(({ stdout }) => stdout)).toEqual(Array(3).fill('ready\n'));
    for (const watcher of watchers) await watcher.kill('SIGKILL');
    await terminal.press('C-c');
  });
});

describe('comes back to the question', () => {
  test('after a wrong password, and after authentication was cancelled', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 60 });
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.press('Enter');
    await terminal.waitFor('Remember this answer?');
    await terminal.press('Enter');
    await givePassword(terminal, 'wrong');
    await terminal.waitFor('nothing was changed');
    await terminal.waitFor('navigate');
    await terminal.press('Enter'); // attach now, once more
    await terminal.waitFor(/Remember this answer\?[\s\S]*Remember this answer\?/);
    await terminal.press('Enter');
    await terminal.waitFor(/Password:[\s\S]*Password:/);
    await terminal.press('C-c');
    await terminal.waitFor(
      /^ptrace-shim: the authentication was cancelled; nothing was changed[\s\S]*navigate/m,
    );
    await terminal.press('Enter');
    await terminal.waitFor(/cancelled[\s\S]*Remember this answer\?/);
    await terminal.press('Enter');
    await givePassword(terminal);
    await terminal.waitFor(`Process ${pid} attached`);
    await terminal.press('C-c');
    await terminal.waitFor(`Process ${pid} detached`);
    await expectAsItWas(terminal);
  });

  test('after the explanation and after the helper was shown', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 60 });
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.type('Explain');
    await terminal.press('Enter');
    await terminal.waitFor('Stay at 1 and attach');
    await terminal.waitFor(/navigate/);
    await terminal.type('Show');
    await terminal.press('Enter');
    await terminal.waitFor('nobody listens');
    await terminal.waitFor(/navigate/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });
});

test('runs the tool anyway, with its own error and exit status', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  await terminal.waitFor(ASKED);
  await terminal.type('Run');
  await terminal.press('Enter');
  await terminal.waitFor('Remember this answer?');
  await terminal.press('Enter');
  expect(await terminal.waitFor('left with 1')).toContain(
    `ptrace(PTRACE_SEIZE, ${pid}): Operation not permitted`,
  );
});

test('leaves with 130 on Ctrl-C, and nothing is changed', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`gdb -p ${pid}; echo "left with $?"`);
  await terminal.waitFor(ASKED);
  await terminal.press('Down', 'Down', 'Up', 'C-c');
  await terminal.waitFor('left with 130');
  expect(await vm.read('ls -A ~')).toBe('.zshrc');
});

test('paints nothing of a hostile command line on the screen', async () => {
  const { pid } = await startTarget(vm, 'hostile-name');
  const terminal = await openTerminal(vm, { cols: 120, rows: 40 });
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  const screen = await terminal.waitFor(ASKED);
  expect(screen.split('\n').length).toBeLessThan(20);
  expect(screen).toMatch(/target {3}\d+ {2}.*\\e.*…/);
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

test('asks on a terminal that tells no size, as a serial line is', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`stty cols 0 rows 0; strace -p ${pid}; echo "left with $?"`);
  expect(await terminal.waitFor(ASKED)).toMatch(/» Attach now +this strace alone/);
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

test('keeps the question readable in a narrow terminal, and without colours', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { cols: 40, env: { NO_COLOR: '1' } });
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  expect(await terminal.waitFor('navigate')).toMatch(/^scope stays 1$/m); // a line is not broken in a word
  expect(await terminal.screen({ colors: true })).not.toMatch(/\u001b\[\d/);
  await terminal.resize(60, 30);
  await terminal.press('Down');
  await terminal.waitFor(/» 2\. Lower the scope/);
  await terminal.type('4');
  await terminal.waitFor(/» 4\. Explain/);
  await terminal.resize(100, 60);
  await terminal.press('Enter');
  const next = await terminal.waitFor(/do\? Explain[\s\S]*do\?\n[\s\S]*navigate/);
  expect(next).toMatch(/» 1\. Attach now +this strace alone/); // for the width of now
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});
