import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import type { Running } from './harness/running.ts';
import { arm, expectScope, HELPER, lastRecord, open, startHelper, Tool } from './harness/window.ts';

/**
 * What a program of the person's can hand down through pkexec and sudo, or do to a process in its own surroundings: none of
 * it keeps the scope lowered.
 */
const vm = await connectVm();
beforeEach(() => vm.setScope(1));
afterEach(() => expectScope(vm, 1));

const asRoot = (command: string) => vm.read(command, { user: 'root' });

/** A helper that is executed by a shell which has run this line before. */
const after = (line: string, interpreter = '') => ['sh', '-c', `${line}; exec ${interpreter} "$0" "$@"`];

/** The helper and its guardian. */
async function processesOf(helper: Running): Promise<number[]> {
  return [helper.pid, Number(await asRoot(`pgrep -o -P ${helper.pid}`))];
}

test('timers that may be late do not put off the deadline', async () => {
  const { helper } = await arm(vm, {
    seconds: 2,
    shell: after('echo 20000000000 >/proc/self/timerslack_ns'),
  });
  await open(helper);
  await helper.waitFor('closed');
  expect(await lastRecord(vm)).toContain('ended=deadline');
});

test('priority, timers and the control group are those of nobody', async () => {
  await asRoot(
    'mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup; mkdir -p /sys/fs/cgroup/dev',
  );
  const { helper } = await arm(vm, {
    shell: after(
      'echo 9000000000 >/proc/self/timerslack_ns; echo 777 >/proc/self/oom_score_adj; echo 0 >/sys/fs/cgroup/dev/cgroup.procs',
      'chrt -i 0 nice -n 19',
    ),
  });
  for (const pid of await processesOf(helper)) {
    const of = (file: string) => vm.readFile(`/proc/${pid}/${file}`);
    const stat = (await of('stat')).split(') ')[1]!.split(' ');
    expect({
      nice: stat[16],
      policy: stat[38],
      slack: await of('timerslack_ns'),
      oom: await of('oom_score_adj'),
      group: (await of('cgroup')).split('\n').at(-2),
    }).toEqual({ nice: '-20', policy: '0', slack: '50000\n', oom: '-1000\n', group: '0::/' });
  }
});

test('a helper that cannot die is not waited for', async () => {
  await asRoot(
    'mkdir -p /run/freezer && mount -t cgroup -o freezer none /run/freezer && mkdir /run/freezer/f',
  );
  const { helper } = await arm(vm, { seconds: 2 });
  await open(helper);
  await asRoot(`echo ${helper.pid} >/run/freezer/f/cgroup.procs; echo FROZEN >/run/freezer/f/freezer.state`);
  onTestFinished(async () => {
    await asRoot('echo THAWED >/run/freezer/f/freezer.state');
    await helper.wait();
    await asRoot('rmdir /run/freezer/f; umount /run/freezer');
  });
  expect(await vm.scope()).toBe(0);
  await expectScope(vm, 1);
  expect(helper.hasEnded).toBe(false);
  expect(await lastRecord(vm)).toContain('ended=killed');
});

test.each(['dash', 'bash --posix', 'busybox sh'])(
  'one that %s reads, with SIGTERM ignored, is sent away with its tool',
  async (shell) => {
    const { helper, tool } = await arm(vm, { shell: after("trap '' TERM", shell) });
    await tool.running.kill('SIGKILL');
    expect((await helper.wait()).stdout).toBe('armed\n');
  },
);

test('a guardian that gets SIGTERM when the helper is killed raises the scope all the same', async () => {
  const { helper } = await arm(vm);
  await open(helper);
  const [, guardian] = await processesOf(helper);
  await asRoot(`kill -KILL ${helper.pid}; kill -TERM ${guardian}`);
  await expectScope(vm, 1);
});

test('the lock is not waited for, although the alarm that would end the waiting is blocked', async () => {
  const { helper, tool } = await arm(vm, { shell: ['env', '--block-signal=ALRM', 'bash', '--posix'] });
  await open(helper);
  const holder = await vm.start('flock /run/ptrace-shim/lock sh -c "echo held; exec sleep 300"', {
    user: 'root',
  });
  onTestFinished(() => holder.killGroup('SIGKILL'));
  await holder.waitFor('held');
  await tool.go();
  await expectScope(vm, 1);
});

describe('what an administrator has written', () => {
  test('is not undone for a window of before by the next one', async () => {
    const attach = await arm(vm);
    await open(attach.helper);
    expect(await vm.scope()).toBe(0);
    await vm.setScope(2);
    const launcher = await Tool.start(vm, 'true');
    const launch = await startHelper(vm, [], launcher.pid, { until: 'child' });
    await open(launch);
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toMatch(new RegExp(`targets=${attach.pid}:.* ended=overruled left=2$`));
    await launcher.running.kill('SIGKILL');
    await launch.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    await attach.tool.running.kill('SIGKILL');
    await attach.helper.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });

  test('is not forgotten when it cannot be written: the window that is open raises the scope', async () => {
    const { helper, tool } = await arm(vm);
    await open(helper);
    const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
    const set = HELPER.replace('window', 'set');
    const { stdout } = await vm.run(
      `strace -qq -o /dev/null -P ${SCOPE} -e inject=write:error=EIO sh ${set} now 2`,
      { user: 'root' },
    );
    expect(stdout).toBe('refused: the kernel did not take the value\n');
    await tool.go();
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
  });

  test.each(['INT', 'TERM', 'HUP'])('is written to the end although SIG%s comes', async (signal) => {
    const holder = await vm.start('flock /run/ptrace-shim/lock sh -c "echo held; exec sleep 300"', {
      user: 'root',
    });
    await holder.waitFor('held');
    const set = await vm.start([HELPER.replace('window', 'set'), 'now', '2'], { user: 'root' });
    await asRoot(`until pgrep -P ${set.pid} flock; do sleep 0.02; done; kill -s ${signal} ${set.pid}`);
    await holder.killGroup('SIGKILL');
    expect((await set.wait()).stdout).toBe('set 2\ndone\n');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });
});

test('with /run full, a window that ends rather raises the scope for another one, too', async () => {
  await asRoot('mkdir -p /run/ptrace-shim && mount -t tmpfs -o size=32k,mode=755 tmpfs /run/ptrace-shim');
  onTestFinished(() => asRoot('umount -l /run/ptrace-shim').then());
  await vm.setScope(2);
  const launcher = await Tool.start(vm, 'true');
  const launch = await startHelper(vm, [], launcher.pid, { until: 'child' });
  await open(launch);
  const attach = await arm(vm);
  await open(attach.helper);
  expect(await vm.scope()).toBe(0);
  await asRoot('dd if=/dev/zero of=/run/ptrace-shim/fill bs=1k 2>/dev/null || true');
  await attach.tool.running.kill('SIGKILL');
  await attach.helper.waitFor('closed');
  expect(await vm.scope()).toBe(2);
  await launcher.running.kill('SIGKILL');
  await launch.waitFor('closed');
  await vm.setScope(1);
});
