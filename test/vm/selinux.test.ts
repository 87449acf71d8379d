import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootVm } from './harness/boot.ts';
import { ASKED, attachNow, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET } from './harness/vm.ts';
import { expectScope } from './harness/window.ts';

/**
 * A machine that enforces SELinux's policy, with Fedora's boolean deny_ptrace; see harness/guest/selinux.cil. Everybody is
 * unconfined who is not said to be confined.
 */
const { vm, stop } = await bootVm({ selinux: true });
afterAll(async () => {
  vm.close();
  await stop();
});

beforeEach(() => vm.emptyHome());

const env = { PATH: PATH_WITH_SHIMS };

test('the machine enforces, and people are unconfined', async () => {
  expect(await vm.readFile('/sys/fs/selinux/enforce')).toBe('1');
  expect(await vm.read('id -Z')).toMatch(/^unconfined_u:unconfined_r:unconfined_t:/);
});

describe('for an unconfined user', () => {
  test('Attach now attaches, and the scope is raised again', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`gdb -nx -batch -p ${pid} -ex bt; echo "left with $?"`);
    await attachNow(terminal);
    expect(await terminal.waitFor('left with 0')).toMatch(/#\d+ .* main/);
    await expectScope(vm, 1);
  });

  test('Relaunch starts the program under the tool', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -o /dev/null -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.type('Relaunch');
    await terminal.press('Enter');
    await terminal.waitFor('Remember this answer?');
    await terminal.press('Enter');
    await terminal.waitFor(/❯ /);
    await terminal.press('Enter');
    await terminal.waitFor(/^ready \d+/m);
    await terminal.press('C-c');
  });
});

describe('with deny_ptrace on', () => {
  beforeAll(() => vm.asRoot('setsebool deny_ptrace 1').then());
  afterAll(() => vm.asRoot('setsebool deny_ptrace 0').then());

  test('why, status and dry-run name it', async () => {
    const { pid } = await startTarget(vm);
    const why = await vm.run(`ptrace-shim why ${pid}`, { env });
    expect(why.stdout + why.stderr).toContain('SELinux boolean deny_ptrace is on');
    expect(why.status).toBe(1);
    expect(await vm.read('ptrace-shim status', { env })).toMatch(/SELinux +deny_ptrace is on/);
    expect((await vm.run(`ptrace-shim dry-run -- strace -p ${pid}`, { env })).stdout).toContain(
      'deny_ptrace',
    );
  });

  test('the shim names it, asks for no password, and runs the tool', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    const screen = await terminal.waitFor('left with 1');
    expect(screen).toContain("SELinux's deny_ptrace is on; ptrace_scope isn't the reason");
    expect(screen).not.toContain(QUESTION);
  });

  test('off again, the question is back', async () => {
    await vm.asRoot('setsebool deny_ptrace 0');
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.press('C-c');
  });
});

/** user_t is unconfined in nothing, and here the module lets it trace; its sibling by hand is a domain that it may not. */
test('a confined user who may not trace is told that the policy refuses it, not the scope', async () => {
  const become = [`${CHECKOUT}/test/fixtures/built/become`, 'dev', '2000'];
  const target = await vm.start(
    ['runcon', 'unconfined_u:unconfined_r:unconfined_t:s0', ...become, TARGET, 'sleep'],
    { user: 'root' },
  );
  await target.waitFor('ready');
  const confined = ['runcon', 'user_u:user_r:user_t:s0', ...become];
  const seen = await vm.run([...confined, 'sh', '-c', `PATH=${PATH_WITH_SHIMS} strace -p ${target.pid}`], {
    user: 'root',
  });
  await target.kill('SIGKILL');
  expect(seen.stderr).toMatch(
    /SELinux's policy does not let you; ptrace_scope isn't the reason|it is hidden/,
  );
});
