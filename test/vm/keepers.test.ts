import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import { CHECKOUT, TARGET, WITHOUT_SYSTEMD } from './harness/vm.ts';
import {
  arm,
  expectScope,
  HELPER,
  identify,
  killingAll,
  lastRecord,
  open,
  partsOf,
  startHelper,
  Tool,
  withShell,
  words,
} from './harness/window.ts';

/** What raises the scope outlives what a person, or a machine out of breath, can do to it. */
const vm = await connectVm();
beforeEach(() => vm.setScope(1));
afterEach(() => expectScope(vm, 1));

test("sudo's front end, which is the person's to kill, takes nothing along", async () => {
  const rules = await vm.readFile('/etc/sudoers');
  onTestFinished(() => vm.writeFile('/etc/sudoers', rules));
  await vm.writeFile('/etc/sudoers', `${rules}dev ALL=(ALL) NOPASSWD: ALL\n`);
  const { pid } = await startTarget(vm);
  const tool = await Tool.start(vm, 'exec sleep 300');
  const asked = words(await identify(vm, pid), await identify(vm, tool.pid), 'named', 6);
  const become = [`${CHECKOUT}/test/fixtures/built/become`, 'dev', '2000'];
  const helper = await vm.start(
    [...WITHOUT_SYSTEMD, ...become, 'script', '-qefc', `sudo ${HELPER} ${asked.join(' ')}`, '/dev/null'],
    { user: 'root', holdStdin: true },
  );
  onTestFinished(() => helper.killGroup('SIGKILL').catch(() => {}));
  await helper.waitFor('armed');
  await helper.write('open\n');
  await expectScope(vm, 0);
  await vm.read('kill -KILL $(pgrep -o -x sudo)');
  await expectScope(vm, 1);
  await expect.poll(() => lastRecord(vm), { timeout: 20_000 }).toMatch(/ended=deadline$/);
});

describe('when nothing can be forked', () => {
  const LIMIT = '/proc/sys/kernel/threads-max';

  /** The answer permits forks again; so does the end of the test. */
  async function rememberLimit() {
    const limit = await vm.readFile(LIMIT);
    const restore = () => vm.writeFile(LIMIT, limit);
    onTestFinished(restore);
    return restore;
  }

  test.each(['dash', 'bash', 'busybox'] as const)(
    'a helper that %s reads raises the scope',
    async (shell) => {
      const { helper } = await arm(vm, {
        seconds: 4,
        through: [...WITHOUT_SYSTEMD, ...withShell(shell)],
      });
      await open(helper);
      await rememberLimit();
      await vm.writeFile(LIMIT, '20');
      await expectScope(vm, 1);
    },
  );

  test('the timer tries again until it succeeds', async () => {
    const { helper } = await arm(vm, { seconds: 4 });
    const restore = await rememberLimit();
    // By one script, as the timer's first try is 9 s after the opening.
    const killed = vm.asRoot(`
      until [ "$(cat /proc/sys/kernel/yama/ptrace_scope)" = 0 ]; do sleep 0.05; done
      keeper=$(pgrep -o -P ${helper.pid})
      ${killingAll(helper)}
      systemctl list-units --plain --no-legend "ptrace-scope-window-$keeper-*" | cut -d' ' -f1
      echo 20 >${LIMIT}; read -r up rest </proc/uptime; echo "$up"`);
    await helper.write('open\n');
    const [unit, forbidden] = (await killed).split('\n');
    await expect
      .poll(async () => Number.parseFloat(await vm.readFile('/proc/uptime')), { timeout: 600_000 })
      .toBeGreaterThan(Number(forbidden) + 12);
    expect(await vm.scope()).toBe(0);
    await restore();
    await expectScope(vm, 1);
    expect(unit).toMatch(/^ptrace-scope-window-.*\.timer$/);
  });
});

test("thirty busy loops of the person's session, in a group of the lowest weight, do not put off the deadline", async () => {
  const { pid } = await startTarget(vm);
  const tool = await Tool.start(vm, 'exec sleep 300');
  const asked = words(await identify(vm, pid), await identify(vm, tool.pid), 'named', 3).join(' ');
  const helper = await vm.start(
    `echo 1 >/proc/sys/kernel/sched_autogroup_enabled; echo 19 >/proc/$$/autogroup
    echo open | PKEXEC_UID=2000 ${HELPER} ${asked} | { read -r armed; read -r open
      for i in $(seq 30); do while :; do :; done & done
      read -r closed; kill $(jobs -p) 2>/dev/null; echo over; }`,
    { user: 'root' },
  );
  onTestFinished(() => helper.killGroup('SIGKILL').catch(() => {}));
  await helper.waitFor('over', { timeout: 170_000 });
  const [, ms] = /ms=(\d+) ended=deadline$/.exec(await lastRecord(vm))!;
  expect(Number(ms)).toBeLessThan(4500);
});

test('the guardian raises the scope though keeper and ticker are killed at once', async () => {
  const { helper } = await arm(vm, { seconds: 300, through: WITHOUT_SYSTEMD });
  await open(helper);
  // Of the guardian's children one makes its ticks, the shell whose child is a sleep.
  const { keeper, guardian } = await partsOf(vm, helper);
  await vm.asRoot(`kill -KILL ${keeper} $(pgrep -P ${guardian})`);
  await expectScope(vm, 1);
  expect(await lastRecord(vm)).toMatch(/ended=killed$/);
});

describe("the helper's own words, used by somebody,", () => {
  test.each([
    ['0', '1'],
    ['1', '0'],
    ['3', '1'],
    ['2', '2'],
    ['', ''],
  ])('do not lower the scope: restore %j %j', async (found, ours) => {
    await vm.asRoot('rm -f /run/ptrace-shim/state');
    const { stdout } = await vm.run([HELPER, 'restore', '1:1', found, ours], {
      user: 'root',
      env: { PKEXEC_UID: '2000' },
    });
    expect(stdout).toBe(found === '1' ? '' : 'refused: that would not raise the scope\n');
    expect(await vm.scope()).toBe(1);
  });

  test('do not put it into the session of whoever asks', async () => {
    const asked = ['keep', ...words('-', '1:1', 'exit')];
    const { stdout } = await vm.run([HELPER, ...asked], { user: 'root' });
    expect(stdout).toBe('refused: this is not run by its text\n');
    const inside = await vm.run(
      ['sh', '-c', '/bin/sh -c \'eval "$0"\' "$@"; :', 'sh', await vm.readFile(HELPER), ...asked],
      {
        user: 'root',
      },
    );
    expect(inside.stdout).toBe('refused: there is no session of its own\n');
  });
});

test('a window is not left open for a target that has ended while the tool got ready', async () => {
  const { pid, helper } = await arm(vm);
  await vm.kill(pid, 'SIGKILL');
  await helper.write('open\n');
  expect((await helper.wait()).stdout).toMatch(/^armed\n(open\n)?closed\n$/);
  expect(await vm.asRoot(`grep "targets=${pid}:" /run/ptrace-shim/record || true`)).not.toContain('deadline');
});

test('whoever does not read what it says holds up no other window', async () => {
  const tool = await Tool.start(vm, 'exec sleep 300');
  const asked = words('-', await identify(vm, tool.pid), 'child').join(' ');
  const helper = await vm.start(
    `cd "$(mktemp -d)" && mkfifo said told && exec 7<>said 8<>told
    PKEXEC_UID=2000 ${HELPER} ${asked} <told >said &
    read -r armed <&7 && echo "$armed"
    dd if=/dev/zero of=said bs=4096 count=100 oflag=nonblock conv=notrunc 2>/dev/null
    echo open >&8
    until grep -qs pipe_write /proc/[0-9]*/wchan; do sleep 0.1; done
    flock -n /run/ptrace-shim/lock echo free || echo held
    kill -KILL $(pgrep -P $!) $!`,
    { user: 'root' },
  );
  onTestFinished(() => helper.killGroup('SIGKILL').catch(() => {}));
  expect((await helper.wait()).stdout).toBe('armed\nfree\n');
});

describe('a container in the user namespace of the host is refused', () => {
  test.each([
    ['it has process ids of its own', ['unshare', '--pid', '--fork', '--mount-proc']],
    [
      'it has a /run of its own',
      ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /run && exec "$@"', 'sh'],
    ],
  ])('where %s', async (why, through) => {
    const { stdout } = await vm.run([...through, HELPER, ...words('-', '1:1', 'exit')], { user: 'root' });
    expect(stdout).toBe(`refused: this is a container: ${why}\n`);
  });
});

test.each(['state', ''])('a window ends when /run/ptrace-shim/%s is removed', async (file) => {
  const { helper } = await arm(vm);
  await open(helper);
  await vm.asRoot(`rm -r /run/ptrace-shim/${file}`);
  await expectScope(vm, 1);
  await helper.waitFor('closed');
});

test('nobody reads of a window but whom it concerns', async () => {
  const { pid, helper, tool } = await arm(vm);
  await open(helper);
  for (const path of ['', 'state', 'record', 'record.2000', 'lock', 'record.lock']) {
    const { status } = await vm.run(['cat', `/run/ptrace-shim/${path}`], { user: 'guest' });
    expect([path, status]).toEqual([path, 1]);
  }
  expect((await vm.run('ls /run/ptrace-shim')).status).toBe(2);
  const status = (user: 'dev' | 'guest') => vm.read(`node ${CHECKOUT}/dist/main.js status`, { user });
  expect(await status('dev')).toMatch(new RegExp(`open now +0 for \\S+ on ${pid}, by uid 2000`));
  expect(await status('guest')).not.toContain('uid 2000');
  await tool.running.kill('SIGKILL');
  await helper.waitFor('closed');
  expect(await status('dev')).toMatch(new RegExp(`recently +0 for \\S+ on ${pid}, by uid 2000, .* exited`));
  expect(await vm.read(`stat -c '%a %U' /run/ptrace-shim/record.2000`)).toBe('400 dev');
});

test("works with busybox's setsid and a flock that knows no -w, as busybox's, and so does `ptrace-shim set`", async () => {
  await vm.asRoot(`cp $(command -v flock) /run/flock; printf '%s\\n' '#!/bin/sh' \
    'case "$*" in *-w*) exit 1 ;; esac' 'exec /run/flock "$@"' >/run/flock.sh; chmod +x /run/flock.sh`);
  const mount =
    'mount --bind $(command -v busybox) $(command -v setsid); mount --bind /run/flock.sh $(command -v flock)';
  const through = ['unshare', '-m', 'sh', '-c', `${mount}; exec "$@"`, 'sh'];
  const { pid, helper, tool } = await arm(vm, { through });
  await open(helper);
  await tool.go();
  await helper.waitFor('closed');
  expect(await lastRecord(vm)).toMatch(new RegExp(`targets=${pid}:.* ended=attached$`));
  const { stdout } = await vm.run([...through, HELPER.replace('window', 'set'), 'now', '1'], {
    user: 'root',
  });
  expect(stdout).toBe('set 1\ndone\n');
});

test('the state says which version has written it', async () => {
  const launcher = await Tool.start(vm, `exec ${TARGET} sleep`);
  await vm.setScope(2);
  const helper = await startHelper(vm, [], launcher.pid, { until: 'child' });
  await open(helper);
  expect(await vm.readFile('/run/ptrace-shim/state')).toMatch(/^\d+\.\d+\.\d+ 2 1 /);
  await launcher.running.kill('SIGKILL');
  await helper.waitFor('closed');
  await expectScope(vm, 2);
  await vm.setScope(1);
});
