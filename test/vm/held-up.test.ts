import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import {
  arm,
  expectScope,
  HELPER,
  lastRecord,
  open,
  partsOf,
  startHelper,
  Tool,
  withShell,
} from './harness/window.ts';

/**
 * What a program of the person's can hand down through pkexec and sudo, or do to a process in its own surroundings: none of
 * it keeps the scope lowered.
 */
const vm = await connectVm();
beforeEach(() => vm.setScope(1));
afterEach(() => expectScope(vm, 1));

const SCHED_FIFO = '1'; // for which timers have no slack

/** A helper that is executed by a shell which has run this line before. */
const after = (line: string, interpreter = '') => ['sh', '-c', `${line}; exec ${interpreter} "$0" "$@"`];

test('timers that may be late do not put off the deadline', async () => {
  const { helper } = await arm(vm, {
    seconds: 2,
    through: after('echo 20000000000 >/proc/self/timerslack_ns'),
  });
  await open(helper);
  await helper.waitFor('closed');
  expect(await lastRecord(vm)).toContain('ended=deadline');
});

test('priority, timers and the control group are those of nobody, and no busy loop comes first', async () => {
  await vm.asRoot(
    'mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup; mkdir -p /sys/fs/cgroup/dev',
  );
  const { helper, tool } = await arm(vm, {
    through: after(
      'echo 9000000000 >/proc/self/timerslack_ns; echo 777 >/proc/self/oom_score_adj; echo 0 >/sys/fs/cgroup/dev/cgroup.procs',
      'chrt -i 0 nice -n 19',
    ),
  });
  await open(helper);
  const { keeper, guardian } = await partsOf(vm, helper);
  for (const pid of [keeper, guardian]) {
    const of = (file: string) => vm.readFile(`/proc/${pid}/${file}`);
    const stat = (await of('stat')).split(') ')[1]!.split(' ');
    expect({
      nice: stat[16],
      policy: stat[38],
      slack: await of('timerslack_ns'),
      oom: await of('oom_score_adj'),
      group: (await of('cgroup')).split('\n').at(-2),
    }).toEqual({ nice: '-20', policy: SCHED_FIFO, slack: '0\n', oom: '-1000\n', group: '0::/' });
  }
  await tool.running.kill('SIGKILL');
  await helper.waitFor('closed');
});

test('a keeper that cannot die is not waited for, and does not keep the lock', async () => {
  await vm.asRoot(
    'mkdir -p /run/freezer && mount -t cgroup -o freezer none /run/freezer && mkdir /run/freezer/f',
  );
  const { helper } = await arm(vm, { seconds: 4 });
  const { keeper } = await partsOf(vm, helper);
  await open(helper);
  await vm.asRoot(`echo ${keeper} >/run/freezer/f/cgroup.procs; echo FROZEN >/run/freezer/f/freezer.state`);
  onTestFinished(async () => {
    await vm.asRoot('echo THAWED >/run/freezer/f/freezer.state');
    await helper.wait();
    await vm.asRoot('rmdir /run/freezer/f; umount /run/freezer');
  });
  expect(await vm.scope()).toBe(0);
  await expectScope(vm, 1);
  expect(helper.hasEnded).toBe(false);
  expect(await lastRecord(vm)).toContain('ended=killed');
});

test.each(['dash', 'bash', 'busybox'] as const)(
  'one that %s reads, with SIGTERM ignored, is sent away with its tool',
  async (shell) => {
    const { helper, tool } = await arm(vm, { through: [...withShell(shell), ...after("trap '' TERM")] });
    await tool.running.kill('SIGKILL');
    expect((await helper.wait()).stdout).toBe('armed\nclosed\n');
  },
);

test('a guardian that gets SIGTERM when the keeper is killed raises the scope all the same', async () => {
  const { helper } = await arm(vm);
  await open(helper);
  const { keeper, guardian } = await partsOf(vm, helper);
  await vm.asRoot(`kill -KILL ${keeper}; kill -TERM ${guardian}`);
  await expectScope(vm, 1);
});

test.each(['dash', 'bash', 'busybox'] as const)(
  'signals that are blocked put off nothing that %s does',
  async (shell) => {
    const { helper } = await arm(vm, {
      seconds: 2,
      through: [...withShell(shell), 'env', '--block-signal'],
    });
    await open(helper);
    expect((await helper.wait()).stdout).toBe('armed\nopen\nclosed\n');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('ended=deadline');
  },
);

describe('what an administrator has written', () => {
  test('ends the window, and is not undone for it by the next one', async () => {
    const attach = await arm(vm);
    await open(attach.helper);
    expect(await vm.scope()).toBe(0);
    await vm.setScope(2);
    await attach.helper.waitFor('closed');
    expect(await lastRecord(vm)).toMatch(new RegExp(`targets=${attach.pid}:.* ended=overruled left=2$`));
    const launcher = await Tool.start(vm, 'true');
    const launch = await startHelper(vm, [], launcher.pid, { until: 'child' });
    await open(launch);
    expect(await vm.scope()).toBe(1);
    await launcher.running.kill('SIGKILL');
    await launch.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });

  test.each(['0', '1', '2'])(
    'by `ptrace-shim set %s` ends a window that is open, and stays',
    async (value) => {
      const { helper } = await arm(vm);
      await open(helper);
      const { stdout } = await vm.run([HELPER.replace('window', 'set'), 'now', value], { user: 'root' });
      expect(stdout).toBe(`set ${value}\ndone\n`);
      await helper.waitFor('closed');
      expect(await vm.scope()).toBe(Number(value));
      await vm.setScope(1);
    },
  );

  test('ends a window in which gdb comes to rest, too', async () => {
    await vm.asRoot('cp /usr/bin/strace /tmp/gdb');
    await vm.setScope(2);
    const busy = await vm.start('echo ready; while :; do read -r x </proc/uptime; done');
    onTestFinished(() => busy.kill('SIGKILL').catch(() => {}));
    await busy.waitFor('ready');
    const tool = await Tool.start(vm, `/tmp/gdb -o /dev/null -p ${busy.pid}`);
    const helper = await startHelper(vm, [busy.pid], tool.pid);
    await open(helper);
    await tool.go();
    await expectScope(vm, 1);
    const { stdout } = await vm.run([HELPER.replace('window', 'set'), 'now', '2'], { user: 'root' });
    expect(stdout).toBe('set 2\ndone\n');
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });

  test('is not forgotten when it cannot be written: the window that is open raises the scope', async () => {
    const { helper } = await arm(vm);
    await open(helper);
    const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
    const set = HELPER.replace('window', 'set');
    const { stdout } = await vm.run(
      `strace -qq -o /dev/null -P ${SCOPE} -e inject=write:error=EIO sh ${set} now 2`,
      { user: 'root' },
    );
    expect(stdout).toBe('refused: the kernel did not take the value\n');
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
  });

  // All by one script: it waits for the lock for five seconds, and not for us.
  test.each(['INT', 'TERM', 'HUP'])('is written to the end although SIG%s comes', async (signal) => {
    const set = HELPER.replace('window', 'set');
    const script = `cd "$(mktemp -d)" && mkdir -p -m 711 /run/ptrace-shim && exec 9>>/run/ptrace-shim/lock && flock 9
      env --default-signal=${signal} ${set} now 2 >said 9>&- & set=$!
      until pgrep -P $set >/dev/null; do :; done
      kill -s ${signal} $set
      flock -u 9; wait $set; cat said`;
    expect(await vm.asRoot(script)).toBe('set 2\ndone');
    expect(await vm.scope()).toBe(2);
    await vm.setScope(1);
  });
});
