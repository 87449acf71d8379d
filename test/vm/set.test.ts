import { beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { givePassword, openTerminal } from './harness/person.ts';
import { CHECKOUT, type Result } from './harness/vm.ts';

const vm = await connectVm();

const OFFERED = '/usr/share/doc/systemd/20-yama-ptrace.conf';
const OFFER = '# The four values, and how to set them\nkernel.yama.ptrace_scope = 0\n';

/** What an administrator has there: settings, a link, a disabled name, a file of another kind. */
const OWN = `
  rm -rf /etc/sysctl.d/* ${OFFERED}
  printf '# mine\\nkernel.pid_max = 4194304\\n' >/etc/sysctl.d/10-own.conf
  ln -s ../sysctl.conf /etc/sysctl.d/50-link.conf
  ln -s /dev/null /etc/sysctl.d/55-off.conf
  printf 'not for systemd' >/etc/sysctl.d/README`;

beforeEach(async () => {
  await vm.asRoot(OWN);
  await vm.setScope(1);
});

/** Every name, kind, mode, owner, link and byte under /etc/sysctl.d. */
function readTree(): Promise<string> {
  return vm.read('cd /etc/sysctl.d && find . -printf "%p %y %m %u %l\\n" | sort && cat ./* | sha256sum', {
    user: 'root',
  });
}

function shim(words: string): Promise<Result> {
  return vm.run(`node ${CHECKOUT}/dist/main.js ${words}`, {
    user: 'root',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

/** What systemd does at boot, from a kernel that starts with 0. */
async function reboot(): Promise<number> {
  await vm.setScope(0);
  await vm.run(['/usr/lib/systemd/systemd-sysctl'], { user: 'root' });
  return vm.scope();
}

test('sets 2 for good, and `set default` leaves /etc/sysctl.d as it was, byte for byte', async () => {
  const before = await readTree();

  const set = await shim('set 2 --permanent --yes');
  expect(set.stderr).toBe('');
  expect(set.stdout).toContain('wrote /etc/sysctl.d/60-ptrace-shim.conf\nnow: 2 (admin-only)\n');
  expect(set.stdout).toMatch(/next boot: 2 \(admin-only\), by \/etc\/sysctl\.d\/60-ptrace-shim\.conf:\d+\n/);
  expect(await vm.scope()).toBe(2);
  expect(await reboot()).toBe(2);

  const left = 'note: /etc/sysctl.d/60-ptrace-shim.conf remains, for all users: ptrace-shim set default\n';
  expect((await shim('uninstall')).stdout).toContain(left);

  const back = await shim('set default');
  expect((await shim('uninstall')).stdout).not.toContain('remains');
  expect(back.stdout).toContain('removed /etc/sysctl.d/60-ptrace-shim.conf\nnow: 0 (classic)\n');
  expect(await vm.scope()).toBe(0);
  expect(await readTree()).toBe(before);
  expect(await reboot()).toBe(0);
});

test('sets the value until the next boot, and writes nothing', async () => {
  const before = await readTree();
  expect((await shim('set 0')).stdout).toMatch(/^now: 0 \(classic\)\nnext boot: /);
  expect(await vm.scope()).toBe(0);
  expect(await readTree()).toBe(before);
});

test("copies systemd's own file for 0, and replaces one of ours by the other", async () => {
  await vm.asRoot(`mkdir -p ${OFFERED.replace(/\/[^/]*$/, '')}`);
  await vm.writeFile(OFFERED, OFFER);
  const before = await readTree();

  await shim('set 1 --permanent');
  const { stdout } = await shim('set 0 --permanent');
  expect(stdout).toContain(
    'wrote /etc/sysctl.d/20-yama-ptrace.conf\nremoved /etc/sysctl.d/60-ptrace-shim.conf\n',
  );
  expect(await vm.readFile('/etc/sysctl.d/20-yama-ptrace.conf')).toContain(OFFER);
  await vm.setScope(1);
  await vm.run(['/usr/lib/systemd/systemd-sysctl'], { user: 'root' });
  expect(await vm.scope()).toBe(0);

  await shim('set default');
  expect(await readTree()).toBe(before);
});

test("leaves a person's own copy of systemd's file alone", async () => {
  await vm.writeFile('/etc/sysctl.d/20-yama-ptrace.conf', OFFER);
  await vm.writeFile(OFFERED, OFFER);
  const before = await readTree();
  expect((await shim('set 0 --permanent')).stdout).toContain('wrote /etc/sysctl.d/60-ptrace-shim.conf\n');
  await shim('set default');
  expect(await readTree()).toBe(before);
});

test('tells which later file wins', async () => {
  await vm.writeFile('/etc/sysctl.d/99-hardening.conf', '\nkernel.yama.ptrace_scope = 2\n');
  const { status, stderr } = await shim('set 1 --permanent');
  expect(status).toBe(1);
  expect(stderr).toBe(
    'ptrace-shim: /etc/sysctl.d/99-hardening.conf:2 is read later and wins: the next boot has 2 (admin-only)\n' +
      '  help: take kernel.yama.ptrace_scope out of /etc/sysctl.d/99-hardening.conf\n',
  );
  expect(await reboot()).toBe(2);
});

describe('refuses, and changes nothing:', () => {
  test.each([
    ['set 3', 1, '3 is not set from here'],
    ['set 2', 1, 'there is no terminal to ask at\n  help: ptrace-shim set 2 --yes'],
    ['set 4', 2, "value '4' is invalid"],
    ['set default --permanent', 2, 'default takes no --permanent'],
  ])('%s', async (words, status, message) => {
    const before = await readTree();
    const result = await shim(words);
    expect(result.stderr).toContain(message);
    expect(result.status).toBe(status);
    expect(await vm.scope()).toBe(1);
    expect(await readTree()).toBe(before);
  });

  test.each([
    ['a file that is not ours', "echo '# somebody else' >/etc/sysctl.d/60-ptrace-shim.conf"],
    ['a link', 'ln -s 10-own.conf /etc/sysctl.d/60-ptrace-shim.conf'],
    ['a link that leads nowhere', 'ln -s nowhere /etc/sysctl.d/60-ptrace-shim.conf'],
  ])('%s in the place of ours', async (_, make) => {
    await vm.asRoot(make);
    const before = await readTree();
    const { status, stderr } = await shim('set 1 --permanent');
    expect(stderr).toBe('ptrace-shim: /etc/sysctl.d/60-ptrace-shim.conf is not ours to replace\n');
    expect(status).toBe(1);
    await shim('set default');
    expect(await readTree()).toBe(before);
  });

  test.each([
    'now 3',
    'now',
    'now 1 2',
    'permanent -',
    'default',
    'now 01',
    'now *',
    "now '1\n2'",
    'off 1',
    "'' ''",
  ])('the helper, asked %j', async (words) => {
    const before = await readTree();
    const result = await vm.run(`${CHECKOUT}/libexec/ptrace-scope-set ${words}`, { user: 'root' });
    expect(result.stdout).toMatch(/^refused: (now, permanent or default|two arguments)/);
    expect(result.status).toBe(1);
    expect(await vm.scope()).toBe(1);
    expect(await readTree()).toBe(before);
  });

  test('the helper, for somebody who is not root', async () => {
    const { stdout } = await vm.run([`${CHECKOUT}/libexec/ptrace-scope-set`, 'now', '0'], { user: 'guest' });
    expect(stdout).toBe('refused: this needs to run as root\n');
    expect(await vm.scope()).toBe(1);
  });
});

test('asks before 2, then for the password', async () => {
  const terminal = await openTerminal(vm, { env: { PATH: '/usr/bin:/bin' } });
  const line = `node ${CHECKOUT}/dist/main.js set 2; echo "status: $?"`;

  await terminal.line(line);
  expect(await terminal.waitFor('Set it to 2?')).toContain('strace ls refused as well');
  await terminal.press('Enter');
  await terminal.waitFor('status: 1');
  expect(await vm.scope()).toBe(1);

  await terminal.line(`clear; node ${CHECKOUT}/dist/main.js set 0; echo "status: $?"`);
  await terminal.waitFor(/^[^$]*Password: *$/);
  await terminal.press('C-c');
  expect(await terminal.waitFor('status: 130')).toContain('ptrace-shim: the authentication was cancelled');
  expect(await vm.scope()).toBe(1);

  await terminal.line(`clear; ${line}`);
  await terminal.waitFor(/^At 2[\s\S]*Set it to 2\?/); // on a screen that has been cleared
  await terminal.type('y');
  await terminal.press('Enter');
  await givePassword(terminal);
  expect(await terminal.waitFor('status: 0')).toContain('now: 2 (admin-only)');
  expect(await vm.scope()).toBe(2);
});

test('leaves a value that is set while a window is open to itself when the window closes', async () => {
  const window = await vm.start(
    `sleep 60 & exec 3</proc/$!/stat; start=$(cut -d' ' -f22 <&3)
    { echo open; sleep 50; } | ${CHECKOUT}/libexec/ptrace-scope-window seconds=8 until=exit tracer="$!:$start" targets="$!:$start"`,
    { user: 'root' },
  );
  await window.waitFor(/^open$/m);
  expect(await vm.scope()).toBe(0);
  await shim('set 0');
  await window.waitFor('closed');
  await window.killGroup('SIGKILL');
  expect(await vm.scope()).toBe(0);
});
