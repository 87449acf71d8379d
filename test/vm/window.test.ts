import { beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import { TARGET } from './harness/vm.ts';
import {
  arm,
  expectScope,
  HELPER,
  type HelperOptions,
  identify,
  killAll,
  lastRecord,
  open,
  partsOf,
  startHelper,
  Tool,
  withShell,
  words,
} from './harness/window.ts';

const vm = await connectVm();
beforeEach(() => vm.setScope(1));

async function isTraced(pid: number): Promise<boolean> {
  return !/^TracerPid:\t0$/m.test(await vm.readFile(`/proc/${pid}/status`));
}

/** Has `command` launch a program, in a window of its own. */
async function launchAtScope2(command: string, options: HelperOptions = {}): Promise<void> {
  await vm.setScope(2);
  const tool = await Tool.start(vm, `${command} ${TARGET} sleep`);
  const helper = await startHelper(vm, [], tool.pid, { ...options, until: 'child' });
  await open(helper);
  expect(await vm.scope()).toBe(1);
  await tool.go();
  await tool.running.waitFor('ready');
  await helper.waitFor('closed');
  expect(await vm.scope()).toBe(2);
  expect(await lastRecord(vm)).toMatch(/found=2 during=1 .*ended=attached/);
  await vm.setScope(1);
}

describe.each(['dash', 'bash', 'busybox'] as const)('a window whose helper %s reads', (shell) => {
  const through = withShell(shell);

  test('changes nothing until it is told to open, and ends when the thread is traced', async () => {
    const { pid, tool, helper } = await arm(vm, { through });
    expect(await vm.scope()).toBe(1);
    await open(helper);
    expect(await vm.scope()).toBe(0);
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await isTraced(pid)).toBe(true);
    const record = await lastRecord(vm);
    expect(record).toMatch(
      /^\S+Z tool=strace uid=2000 targets=\d+:\d+ until=named found=1 during=0 ms=\d+ ended=attached$/,
    );
    const journal = await vm.asRoot('journalctl --sync && journalctl -o cat -t ptrace-scope-window -n 1');
    expect(journal).toBe(record.replace(/^\S+ /, ''));
  });

  test('lasts until all threads are traced', async () => {
    const { pid } = await startTarget(vm, 'threads', { args: ['20'] });
    const tool = await Tool.start(vm, `strace -f -o /dev/null -p ${pid}`);
    const helper = await startHelper(vm, [pid], tool.pid, { through, until: 'all' });
    await open(helper);
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.read(`cat /proc/${pid}/task/*/status | grep -c '^TracerPid:.[1-9]'`)).toBe('20');
    expect(await lastRecord(vm)).toContain('ended=attached');
  });

  test('takes scope 2 to 1 for a launch, until the tool traces the program', () =>
    launchAtScope2('strace -o /dev/null', { through }));

  test('is not opened for a tool that has gone', async () => {
    const { tool, helper } = await arm(vm, { through });
    await tool.running.kill('SIGKILL');
    await helper.wait();
    expect(await vm.scope()).toBe(1);
    expect(helper.stdout).toBe('armed\nclosed\n');
  });

  test('ends at the deadline', async () => {
    const { helper } = await arm(vm, { through, seconds: 1 });
    await open(helper);
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('ended=deadline');
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)('ends when the keeper gets %s', async (signal) => {
    const { helper } = await arm(vm, { through, seconds: 4 });
    const { keeper } = await partsOf(vm, helper);
    await open(helper);
    await vm.kill(keeper, signal);
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('ended=killed');
  });

  test('does not end, and is closed as ever, when the keeper gets SIGTERM', async () => {
    const { tool, helper } = await arm(vm, { through });
    const { keeper } = await partsOf(vm, helper);
    await open(helper);
    await vm.kill(keeper, 'SIGTERM');
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('ended=attached');
  });

  test('makes a second one wait, which says for whom', async () => {
    const [one, other] = [await arm(vm, { through }), await arm(vm, { through })];
    await open(one.helper);
    await other.helper.write('open\n');
    await other.helper.waitFor('waiting for the window of sh (uid 2000) to close\n');
    await one.tool.go();
    await one.helper.waitFor('closed');
    await other.helper.waitFor(/^open$/m);
    expect(await vm.scope()).toBe(0);
    await other.tool.go();
    await other.helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm, 2)).toMatch(
      new RegExp(`targets=${one.pid}:.* ended=attached\n.* targets=${other.pid}:.* ended=attached$`),
    );
  });
});

describe('a window', () => {
  test('lasts until each of 2,000 threads is traced', async () => {
    const { pid } = await startTarget(vm, 'threads', { args: ['2000'] });
    const tool = await Tool.start(vm, `strace -f -o /dev/null -p ${pid}`);
    const helper = await startHelper(vm, [pid], tool.pid, { until: 'all', seconds: 120 });
    await open(helper);
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await vm.read(`cat /proc/${pid}/task/*/status | grep -c '^TracerPid:.[1-9]'`)).toBe('2000');
    expect(await lastRecord(vm)).toContain('ended=attached');
  });

  test('takes the id of a thread for a target', async () => {
    const { pid } = await startTarget(vm, 'threads', { args: ['3'] });
    const thread = Number((await vm.read(`ls /proc/${pid}/task`)).split('\n')[2]);
    const tool = await Tool.start(vm, `strace -o /dev/null -p ${thread}`);
    const helper = await startHelper(vm, [thread], tool.pid);
    await open(helper);
    await tool.go();
    await helper.waitFor('closed');
    expect(await isTraced(thread)).toBe(true);
    expect(await isTraced(pid)).toBe(false);
  });

  test('ends with the tool', async () => {
    const { tool, helper } = await arm(vm, { until: 'exit' });
    await open(helper);
    await tool.running.kill('SIGKILL');
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('ended=exited');
  });

  test('takes scope 2 to 0 for an attach and back', async () => {
    await vm.setScope(2);
    const { pid, tool, helper } = await arm(vm);
    await open(helper);
    expect(await vm.scope()).toBe(0);
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    expect(await isTraced(pid)).toBe(true);
    await vm.setScope(1);
  });

  test.each(['strace -D -o /dev/null', 'strace -DD -o /dev/null'])(
    'takes scope 2 to 1 for the launch of %s, until it traces the program',
    (command) => launchAtScope2(command),
  );
});

describe('the scope is raised again', () => {
  test.each(['SIGHUP', 'SIGINT', 'SIGQUIT'] as const)('although the keeper heeds no %s', async (signal) => {
    const { tool, helper } = await arm(vm);
    await open(helper);
    await vm.kill((await partsOf(vm, helper)).keeper, signal);
    await tool.go();
    await helper.waitFor('closed');
    expect(await lastRecord(vm)).toContain('ended=attached');
    expect(await vm.scope()).toBe(1);
  });

  test('by the next helper when all processes of the last one are killed', async () => {
    const { helper } = await arm(vm);
    await open(helper);
    await killAll(vm, helper);
    expect(await vm.scope()).toBe(0);
    await arm(vm);
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('ended=killed');
  });

  test('by the keeper when the guardian is killed', async () => {
    const { tool, helper } = await arm(vm);
    await open(helper);
    await vm.kill((await partsOf(vm, helper)).guardian!, 'SIGKILL');
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
  });
});

describe('a window that waits for another one', () => {
  /** The first is open, and the second has been told to. */
  async function openTwo(options: HelperOptions = {}) {
    const windows = [await arm(vm, options), await arm(vm)] as const;
    await open(windows[0].helper);
    await windows[1].helper.write('open\n');
    await windows[1].helper.waitFor('waiting for');
    return windows;
  }

  test('has changed nothing, and leaves when its tool ends', async () => {
    const [one, other] = await openTwo();
    await other.tool.running.kill('SIGKILL');
    await other.helper.waitFor('closed');
    expect(other.helper.stdout).not.toMatch(/^open$/m);
    expect(await vm.scope()).toBe(0);
    await one.tool.go();
    await one.helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain(`targets=${one.pid}:`);
  });

  test('raises what the other one has left, and lowers the scope for itself', async () => {
    const [one, other] = await openTwo();
    await killAll(vm, one.helper);
    await other.helper.waitFor(/^open$/m);
    await other.tool.go();
    await other.helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await isTraced(other.pid)).toBe(true);
    const record = await lastRecord(vm, 2);
    expect(record).toMatch(new RegExp(`targets=${one.pid}:.* ended=killed$`, 'm'));
    expect(record).toMatch(new RegExp(`targets=${other.pid}:.* ended=attached$`, 'm'));
  });

  test('opens when the deadline of the other one has passed', async () => {
    const [, other] = await openTwo({ seconds: 4 });
    await other.helper.waitFor(/^open$/m);
    expect(await vm.readFile('/run/ptrace-shim/record')).toMatch(/ended=deadline\n$/);
    await other.tool.go();
    await other.helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
  });

  test('takes the value that it finds then', async () => {
    await vm.setScope(2);
    const launcher = await Tool.start(vm, `strace -o /dev/null ${TARGET} sleep`);
    const launch = await startHelper(vm, [], launcher.pid, { until: 'child' });
    await open(launch);
    const attach = await arm(vm);
    await attach.helper.write('open\n');
    await attach.helper.waitFor('waiting for');
    expect(await vm.scope()).toBe(1);
    await vm.kill((await partsOf(vm, launch)).keeper, 'SIGKILL');
    await attach.helper.waitFor(/^open$/m);
    expect(await vm.scope()).toBe(0);
    await attach.tool.go();
    await attach.helper.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });
});

test("leaves an administrator's value alone", async () => {
  const { helper, tool } = await arm(vm);
  await open(helper);
  await vm.setScope(2);
  await tool.running.kill('SIGKILL');
  await helper.waitFor('closed');
  expect(await vm.scope()).toBe(2);
  expect(await lastRecord(vm)).toMatch(/left=2$/);
  await vm.setScope(1);
});

describe('the helper refuses', () => {
  test.each([
    [[], 'four arguments are expected'],
    [words('1:1', '1:1', 'all', '9 '), 'the time is not 1 to 300 seconds'],
    [words('1:1', '1:1', 'all', '0'), 'the time is not 1 to 300 seconds'],
    [words('1:1', '1:1', 'all', '301'), 'the time is not 1 to 300 seconds'],
    [words('1:1', '1', 'all'), 'the tracer is not PID:START'],
    [words('1:1,', '1:1', 'all'), 'the targets are not PID:START,...'],
    [words('1:1 2:2', '1:1', 'all'), 'the targets are not PID:START,...'],
    [words('1:1', '1:1', 'named:1'), 'what to wait for is none of named, all, child, exit'],
    [words('1:1', '1:1', 'exit\n0 0 tool=gdb'), 'what to wait for is none of named, all, child, exit'],
    [words('1:1', '1:1', 'child'), 'a launch has no target'],
    [words('1:1,2:2,1:1', '1:1', 'all'), 'a target is named twice'],
    [words('1:1', '1:1', 'all').reverse(), 'the arguments are not seconds=, until=, tracer= and targets='],
    [words('-', '1:1', 'all'), 'there is no target'],
  ])('%j', async (list, why) => {
    const { stdout, status } = await vm.run([HELPER, ...list], { user: 'root' });
    expect([stdout, status]).toEqual([`refused: ${why}\n`, 1]);
  });

  test("another user's process", async () => {
    const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
    const tool = await Tool.start(vm, 'true');
    expect((await startHelper(vm, [pid], tool.pid)).stdout).toBe(
      `refused: process ${pid} belongs to another user\n`,
    );
  });

  test("another user's tool", async () => {
    const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
    const tool = await Tool.start(vm, 'true');
    expect((await startHelper(vm, [pid], tool.pid, { uid: 2001 })).stdout).toBe(
      `refused: process ${tool.pid} belongs to another user\n`,
    );
  });

  test('a pid that has been reused, or is free', async () => {
    const { pid, running } = await startTarget(vm);
    const tool = await Tool.start(vm, 'true');
    const id = await identify(vm, pid);
    const run = async (target: string) =>
      (await vm.run([HELPER, ...words(target, await identify(vm, tool.pid), 'all')], { user: 'root' }))
        .stdout;
    expect(await run(`${pid}:1`)).toBe(`refused: process ${pid} is gone\n`);
    await running.kill('SIGKILL');
    await running.wait();
    expect(await run(id)).toBe(`refused: process ${pid} is gone\n`);
  });

  test('to run as an ordinary user, or as root of a user namespace', async () => {
    const { tool } = await arm(vm);
    const command = [HELPER, ...words('-', await identify(vm, tool.pid), 'exit')];
    expect((await vm.run(command)).stdout).toBe('refused: this needs to run as root\n');
    const { stdout } = await vm.run(['unshare', '-r', ...command], { user: 'root' });
    expect(stdout).toBe("refused: this is a container: the scope is the host's\n");
  });
});
