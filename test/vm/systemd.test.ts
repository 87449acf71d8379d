import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { ASKED, lowerScope, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT } from './harness/vm.ts';
import { arm, expectScope, killAll, lastRecord, open, startHelper, Tool } from './harness/window.ts';

/** systemd is the machine's first process, logind keeps a scope for each login, journald the journal. */
const vm = await connectVm();
beforeEach(async () => {
  await vm.emptyHome();
  await vm.setScope(1);
});
afterEach(() => expectScope(vm, 1));

const listTimers = () => vm.asRoot('systemctl list-units --all --plain --no-legend "ptrace-scope-window*"');

/** Logs in at a terminal, with a session of logind's. */
async function logIn(): Promise<Terminal> {
  const terminal = await vm.terminal({ user: 'root', shell: ['/bin/su', '-l', 'dev'] });
  onTestFinished(() => terminal.close().catch(() => {}));
  await terminal.line(`PS1='$ ' PATH=${CHECKOUT}/shims:~/bin:$PATH; clear; echo ready`);
  await terminal.waitFor(/^ready$/m);
  return terminal;
}

test('an attach from a login leaves no timer, and a line in the journal', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await logIn();
  await terminal.line(`grep -o 'session-.*scope' /proc/self/cgroup; strace -p ${pid}`);
  await lowerScope(terminal);
  await terminal.waitFor(`Process ${pid} attached`);
  await expectScope(vm, 1);
  expect(await lastRecord(vm)).toMatch(new RegExp(`tool=strace uid=2000 targets=${pid}:.* ended=attached$`));
  const journal = await vm.asRoot('journalctl --sync && journalctl -t ptrace-scope-window -o cat');
  expect(journal).toMatch(new RegExp(`tool=strace uid=2000 targets=${pid}:.* ended=attached$`));
  await expect.poll(listTimers).toBe('');
  expect(await terminal.screen()).toMatch(/^session-\w+\.scope$/m);
});

test('a relaunch says which service the program belongs to', async () => {
  const run = 'systemd-run --quiet --unit=orders --uid=dev --property=Restart=always';
  await vm.asRoot(`${run} ${CHECKOUT}/test/fixtures/built/target sleep`);
  onTestFinished(() => vm.asRoot('systemctl stop orders').then());
  const terminal = await logIn();
  await terminal.line('gdb -q -p $(pgrep -f built/target)');
  await terminal.waitFor(ASKED);
  await terminal.type('Relaunch');
  await terminal.press('Enter');
  await terminal.waitFor('Remember this answer?');
  await terminal.press('Enter');
  await terminal.waitFor(/note +systemd runs it as orders\.service, and may start it anew when it stops/);
  await terminal.press('C-c');
});

test('a login that is killed with all that is in it takes neither the helper nor its guardian along', async () => {
  await vm.read(`mkdir bin && printf '#!/bin/sh\\nexec sleep 300\\n' >bin/strace && chmod +x bin/strace`);
  onTestFinished(() => vm.emptyHome());
  const { pid } = await startTarget(vm);
  const terminal = await logIn();
  await terminal.line(`strace -p ${pid}`);
  await lowerScope(terminal);
  await expectScope(vm, 0);
  await vm.asRoot('systemctl kill --signal=KILL "session-*.scope"');
  await expectScope(vm, 1);
  expect(await lastRecord(vm)).toMatch(/uid=2000 .*ended=exited$/);
  await expect.poll(listTimers).toBe('');
});

test('the journal has the whole line of a window for many targets', async () => {
  const { pid } = await startTarget(vm, 'threads', { args: ['120'] });
  const threads = (await vm.read(`ls /proc/${pid}/task`)).split('\n').map(Number);
  const tool = await Tool.start(vm, `strace -f -o /dev/null -p ${pid}`);
  const helper = await startHelper(vm, threads.slice(0, 120), tool.pid);
  await open(helper);
  await tool.go();
  await helper.waitFor('closed');
  const journal = await vm.asRoot('journalctl --sync && journalctl -t ptrace-scope-window -o cat -a');
  expect(journal.split('\n').at(-1)).toMatch(/targets=(\d+:\d+,){119}\d+:\d+ .*ended=attached$/);
});

describe('a timer', () => {
  async function openFor(seconds: number) {
    const armed = await arm(vm, { seconds });
    await open(armed.helper);
    return armed;
  }

  test('raises the scope when all else is killed, and keeps the record', async () => {
    const { pid, helper } = await openFor(4);
    await killAll(vm, helper);
    expect(await vm.scope()).toBe(0);
    await expectScope(vm, 1);
    await expect.poll(() => vm.asRoot('cat /run/ptrace-shim/state')).toBe('');
    const line = new RegExp(`uid=2000 targets=${pid}:.* found=1 during=0 ms=\\d+ ended=killed$`);
    expect(await lastRecord(vm)).toMatch(line);
    expect(await vm.asRoot('journalctl --sync && journalctl -t ptrace-scope-window -o cat')).toMatch(line);
    expect(await listTimers()).toBe('');
  });

  test("leaves an administrator's value alone", async () => {
    const { helper } = await openFor(4);
    await killAll(vm, helper);
    await vm.setScope(2);
    await expect.poll(listTimers).toBe('');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });

  test('is stopped when the window ends', async () => {
    const { helper, tool } = await openFor(60);
    expect(await listTimers()).toMatch(/^ptrace-scope-window-\d+-\d+\.timer /m);
    await tool.go();
    await helper.waitFor('closed');
    expect(await listTimers()).toBe('');
  });
});
