import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bootVm } from './harness/boot.ts';
import { connectVm } from './harness/connect.ts';
import { ASKED, openTerminal, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { TARGET, USERS, type Vm } from './harness/vm.ts';
import { expectScope, lastRecord } from './harness/window.ts';

const shared = await connectVm();
beforeEach(() => shared.emptyHome());

/** Takes the first choice, just this once, with the password. */
async function takeFirst(terminal: Terminal): Promise<void> {
  await terminal.press('Enter');
  await terminal.waitFor('Remember this answer?');
  await terminal.press('Enter');
  await terminal.waitFor('Password:');
  await terminal.secret(USERS.dev.password);
}

async function askAt(vm: Vm, command: string): Promise<{ terminal: Terminal; screen: string }> {
  const terminal = await openTerminal(vm, { rows: 40 });
  await terminal.line(`${command}; echo "left with $?"`);
  await terminal.waitFor(ASKED);
  return { terminal, screen: await terminal.waitFor('navigate') };
}

describe('at scope 2', () => {
  beforeEach(() => shared.setScope(2));
  afterEach(async () => {
    await expectScope(shared, 2); // a tool that has ended is noticed a little later
    await shared.setScope(1);
  });

  test.each([
    ['strace -o /dev/null /bin/echo "launched it"', 'launched it'],
    ['gdb -nx -batch -ex run --args /bin/echo "launched it"', 'launched it'],
  ])('launches by %s, with the scope at 1 meanwhile', async (command, wanted) => {
    const { terminal, screen } = await askAt(shared, command);
    expect(screen).toMatch(/can't launch a program: kernel.yama.ptrace_scope is 2 \(admin-only\)/);
    expect(screen).toContain('» Launch now');
    expect(screen).toMatch(/Relaunch under \w+ +\(scope 2 refuses launching too\)/);
    await takeFirst(terminal);
    const done = await terminal.waitFor(/left with \d/);
    expect(done).toMatch(new RegExp(`^${wanted}$`, 'm'));
    expect(done).toContain('left with 0');
    expect(await lastRecord(shared)).toContain('found=2 during=1');
  });

  test('attaches by vgdb to a valgrind that waits in a system call, until vgdb has ended', async () => {
    const valgrind = await shared.start(['valgrind', '--vgdb-poll=0', TARGET, 'sleep']);
    onTestFinished(() => valgrind.kill('SIGKILL').catch(() => {}));
    await valgrind.waitFor('ready');
    const { terminal, screen } = await askAt(shared, `vgdb --pid=${valgrind.pid} v.info scheduler`);
    expect(screen).toContain(`vgdb can't attach to ${valgrind.pid}: kernel.yama.ptrace_scope is 2`);
    await takeFirst(terminal);
    expect(await terminal.waitFor('left with 0')).toContain('sched status:');
  });

  test('attaches by gdb', async () => {
    const { pid } = await startTarget(shared);
    const { terminal } = await askAt(shared, `gdb -nx -batch -p ${pid} -ex bt`);
    await takeFirst(terminal);
    expect(await terminal.waitFor(/left with \d/)).toMatch(/#\d+ .* main/);
    expect(await lastRecord(shared)).toMatch(/tool=gdb .*found=2 during=0 .*ended=(attached|exited)$/);
  });
});

test('at scope 3 explains, and offers no password', async () => {
  const { vm, stop } = await bootVm();
  try {
    await vm.setScope(3);
    const { pid } = await startTarget(vm);
    const { terminal, screen } = await askAt(vm, `strace -p ${pid}`);
    expect(screen).toContain('kernel.yama.ptrace_scope is 3 (no-attach)');
    expect(screen).toMatch(/Lower the scope +\(scope 3 stays until the next boot\)/);
    expect(screen).toContain('» Explain');
    expect(screen).not.toContain('runs as root');
    await terminal.press('Enter');
    await terminal.waitFor(/Until the next boot[\s\S]*navigate/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
    await terminal.close();
  } finally {
    vm.close();
    await stop();
  }
});
