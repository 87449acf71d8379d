import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import {
  ASKED,
  expectAsItWas,
  givePassword,
  lowerScope,
  openTerminal,
  startTarget,
} from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET, USERS } from './harness/vm.ts';
import { expectScope, HELPER, identify, lastRecord, withShell, words } from './harness/window.ts';

const vm = await connectVm();
beforeEach(() => vm.emptyHome());
afterEach(() => expectScope(vm, 1));

/** A person's `strace -p` of a process of their own, at the question. */
async function askedAtTerminal(options: Parameters<typeof openTerminal>[1] = {}) {
  const { pid } = await startTarget(vm, 'sleep', { user: options.user ?? 'dev' });
  const terminal = await openTerminal(vm, { rows: 60, ...options });
  await terminal.line(`strace -o /dev/null -p ${pid}; echo "left with $?"`);
  await terminal.waitFor(ASKED);
  return { pid, terminal };
}

/** A line that has pkexec run a command, with a text agent that is ready before: it closes the descriptor then. */
function askPolkit(command: string): string {
  const agent = 'mkfifo ready; pkttyagent --process $$ --notify-fd 4 4>ready & cat ready';
  return `sh -c '${agent}; pkexec --disable-internal-agent ${command}; kill $!'`;
}

test('asks for the password whatever SHELL is, which pkexec would look up in /etc/shells', async () => {
  await vm.saveSettings({ elevate: 'pkexec' });
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`SHELL=/opt/no/shell strace -o /dev/null -p ${pid}; echo "left with $?"`);
  await lowerScope(terminal);
  await terminal.waitFor('attached');
  await expectScope(vm, 1);
  await terminal.press('C-c');
  await terminal.waitFor('left with');
});

describe('with sudo', () => {
  test('asks at the terminal again after a wrong password, and attaches after the right one', async () => {
    await vm.saveSettings({ elevate: 'sudo' });
    const { terminal } = await askedAtTerminal();
    await lowerScope(terminal, { password: 'wrong' });
    await terminal.waitFor(/try again[\s\S]*password for dev:$/);
    await givePassword(terminal);
    await terminal.waitFor('attached');
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toMatch(/tool=strace uid=2000 .* ended=attached/);
    await terminal.press('C-c');
    await terminal.waitFor('left with');
  });

  test('asks for the password of each window, as none is kept', async () => {
    await vm.saveSettings({ elevate: 'sudo' });
    for (let round = 0; round < 2; round++) {
      const { terminal } = await askedAtTerminal();
      await lowerScope(terminal, { asksMemory: round === 0 });
      await terminal.waitFor('attached');
      await terminal.press('C-c');
      await terminal.waitFor('left with');
      await terminal.line('clear; sudo -n true || echo nothing is kept');
      await terminal.waitFor(/^nothing is kept/m);
    }
  });

  test('comes back to the question on Ctrl-C at the password, with the echo on again', async () => {
    await vm.saveSettings({ elevate: 'sudo' });
    const { terminal } = await askedAtTerminal();
    await lowerScope(terminal, { password: null });
    await terminal.waitFor(/password for dev:$/);
    // sudo heeds no signal between its prompt and its read(2).
    await vm.asRoot('until grep -q wait_woken "/proc/$(pgrep -ox sudo)/wchan"; do sleep 0.05; done');
    await terminal.press('C-c');
    await terminal.waitFor(/the authentication was cancelled; nothing was changed[\s\S]*navigate/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
    await expectAsItWas(terminal);
  });
});

test.each(['dash', 'bash', 'busybox'] as const)(
  'opens the window after a Ctrl-C at the password, where %s reads the shim',
  async (shell) => {
    const asDev = ['setpriv', '--reuid=2000', '--regid=2000', '--init-groups', '/bin/sh'];
    const env = { HOME: USERS.dev.home, XDG_RUNTIME_DIR: '/run/user/2000', USER: 'dev', LOGNAME: 'dev' };
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, {
      user: 'root',
      rows: 60,
      env,
      shell: [...withShell(shell), ...asDev],
    });
    await terminal.line(`strace -o /dev/null -p ${pid}`);
    await lowerScope(terminal, { password: null });
    await terminal.waitFor(/Password: *$/);
    await terminal.press('C-c');
    await terminal.waitFor(/nothing was changed[\s\S]*navigate/);
    await terminal.type('Lower');
    await terminal.press('Enter');
    await terminal.waitFor(/nothing was changed[\s\S]*Remember this answer\?\n/);
    await terminal.press('Enter');
    await givePassword(terminal);
    await terminal.waitFor(`Process ${pid} attached`);
    await terminal.press('C-c');
    await terminal.waitFor(/\$ *$/);
  },
);

test('offers no window, and says why, to a root that lacks the capability for it', async () => {
  const poor = 'setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace';
  const target = await vm.start(`exec ${poor} ${TARGET} sleep`, { user: 'root' });
  await target.waitFor('ready');
  const terminal = await openTerminal(vm, { user: 'root', cols: 120 });
  await terminal.line(`${poor} strace -o /dev/null -p ${target.pid}; echo "left with $?"`);
  await terminal.waitFor('Lower the scope        (root without CAP_SYS_PTRACE cannot change the scope)');
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
  await target.kill('SIGKILL');
});

test('offers no window, and says why, where no privileges can be gained', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { cols: 120 });
  await terminal.line(`setpriv --no-new-privs bash --norc --noprofile`);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  await terminal.waitFor('Lower the scope        (this session can gain no privileges (NoNewPrivs))');
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

test('offers a window alone, and says why, where there is no Python', async () => {
  await vm.asRoot('mv /usr/bin/python3 /usr/bin/python3.away');
  onTestFinished(async () => void (await vm.asRoot('mv /usr/bin/python3.away /usr/bin/python3')));
  const { terminal } = await askedAtTerminal({ cols: 120 });
  const screen = await terminal.screen();
  expect(screen).toContain('(a permission takes Python: there is no /usr/bin/python3)');
  expect(screen).toMatch(/» Lower the scope/);
  await terminal.press('C-c');
});

test('works in a session that knows no desktop and no run-time directory, as over ssh', async () => {
  const env = { XDG_RUNTIME_DIR: undefined, SSH_CONNECTION: '::1 50000 ::1 22', SSH_TTY: '/dev/pts/0' };
  const { terminal } = await askedAtTerminal({ env });
  await lowerScope(terminal);
  await terminal.waitFor('attached');
  await expectScope(vm, 1);
});

describe('somebody who is no administrator', () => {
  test("gets nothing with a password of their own, and a window with the administrator's", async () => {
    const { pid, terminal } = await askedAtTerminal({ user: 'guest' });
    await lowerScope(terminal, { password: null });
    expect(await terminal.waitFor(/Password:$/)).toContain('Authenticating as: dev');
    await terminal.secret(USERS.guest.password);
    await terminal.waitFor(/you were not authorised; nothing was changed[\s\S]*navigate/);
    expect(await vm.scope()).toBe(1);
    expect(await vm.readFile(`/proc/${pid}/status`)).toMatch(/^TracerPid:\t0$/m);
    await terminal.line('Lower');
    await terminal.waitFor(/Remember this answer\?[\s\S]*Remember this answer\?/);
    await terminal.press('Enter');
    await givePassword(terminal);
    await terminal.waitFor('attached');
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('uid=2001');
  });

  test("gets no window for another user's process, not even with the administrator's password", async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { user: 'guest', cols: 160 });
    const shell = await terminal.pid();
    const asked = words(await identify(vm, pid), await identify(vm, shell), 'all').join(' ');
    await terminal.line(askPolkit(`${HELPER} ${asked}`));
    await givePassword(terminal);
    await terminal.waitFor(`refused: process ${pid} belongs to another user`);
    expect(await vm.scope()).toBe(1);
  });
});

describe('on a desktop', () => {
  const env = { DISPLAY: ':7' };

  /** An agent with a terminal of its own plays the desktop's, for the question that is on the screen. */
  async function startDesktopAgent(): Promise<Terminal> {
    const preflight = await vm.read(`pgrep -u dev -f '^node .*preflight.js strace'`);
    const desktop = await openTerminal(vm);
    await desktop.line('mkfifo ready; (cat ready; echo registered) &');
    await desktop.line(`pkttyagent --process ${preflight} --notify-fd 4 4>ready`);
    await desktop.waitFor(/^registered/m);
    return desktop;
  }

  test('shows a spinner while its agent asks, and leaves the terminal as it was', async () => {
    const { pid, terminal } = await askedAtTerminal({ env });
    const desktop = await startDesktopAgent();
    await lowerScope(terminal, { password: null });
    await terminal.waitFor('waiting for the password in the dialog of your desktop');
    await givePassword(desktop);
    const screen = await terminal.waitFor(`Process ${pid} attached`);
    expect(screen).not.toContain('waiting for');
    expect(screen).not.toContain('Password:');
    await expectScope(vm, 1);
    await terminal.press('C-c');
    await terminal.waitFor('left with');
    await expectAsItWas(terminal);
  });

  test('goes back to the question when the dialog is dismissed by Ctrl-C', async () => {
    const { terminal } = await askedAtTerminal({ env });
    const desktop = await startDesktopAgent();
    await lowerScope(terminal, { password: null });
    await desktop.waitFor(/Password:$/);
    await terminal.press('C-c');
    await terminal.waitFor(/the authentication was cancelled; nothing was changed[\s\S]*navigate/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });

  /** An agent is told of the process before that asks: here by a node that waits for it, and is Node then. */
  test('lets in what nobody is at a terminal for, where PTRACE_SHIM_ON_REFUSAL says so', async () => {
    const { pid } = await startTarget(vm);
    await vm.read('mkdir -p desktop && cd desktop && rm -f asks ready && mkfifo asks ready');
    await vm.writeFile(
      '/home/dev/desktop/node',
      `#!/bin/sh\necho $$ >~/desktop/asks\ncat ~/desktop/ready\nexec ${await vm.read('command -v node')} "$@"\n`,
    );
    await vm.asRoot('chmod +x /home/dev/desktop/node');
    const desktop = await openTerminal(vm);
    await desktop.line('cd desktop; pkttyagent --process $(cat asks) --notify-fd 4 4>ready');
    const gdb = await vm.start(`gdb -nx -batch -p ${pid} -ex bt`, {
      env: { ...env, PATH: `/home/dev/desktop:${PATH_WITH_SHIMS}`, PTRACE_SHIM_ON_REFUSAL: 'attach' },
    });
    await givePassword(desktop);
    expect(await gdb.waitFor(/idle \(\)/)).not.toMatch(/Operation not permitted|ptrace-shim: /);
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain('tool=gdb');
  });

  test('asks at the terminal, without a spinner, where there is no agent', async () => {
    const { terminal } = await askedAtTerminal({ env });
    await lowerScope(terminal, { password: null });
    expect(await terminal.waitFor(/Password:$/)).not.toContain('waiting for the password');
    await terminal.secret(USERS.dev.password);
    await terminal.waitFor('attached');
    await expectScope(vm, 1);
  });
});

test('leaves no agent behind when preflight is killed at the password', async () => {
  const { terminal } = await askedAtTerminal();
  await lowerScope(terminal, { password: null });
  await terminal.waitFor(/Password:$/);
  await vm.read(`pkill -KILL -u dev -f '^node .*preflight.js strace'`);
  await terminal.waitFor('left with 1');
  await expect.poll(() => vm.run('pgrep pkttyagent').then(({ stdout }) => stdout)).toBe('');
  await expectAsItWas(terminal);
});

describe('installed for all users', () => {
  /** As a package does it: the helper at the path that the action names, everything root's. */
  const INSTALL = `mkdir -p /usr/libexec/ptrace-shim && cp ${HELPER} /usr/libexec/ptrace-shim/ &&
    cp ${CHECKOUT}/libexec/io.github.ptrace-shim.policy /usr/share/polkit-1/actions/`;
  const REMOVE = 'rm -r /usr/libexec/ptrace-shim /usr/share/polkit-1/actions/io.github.ptrace-shim.policy';

  test("has polkit say what is lowered, for which process and for how long, in the package's own words", async () => {
    await vm.asRoot(INSTALL);
    try {
      const { pid } = await startTarget(vm);
      await expect
        .poll(() => vm.run('pkaction').then(({ stdout }) => stdout))
        .toContain('io.github.ptrace-shim.lower-scope');
      const terminal = await openTerminal(vm, { cols: 160 });
      const asked = words(await identify(vm, pid), await identify(vm, await terminal.pid()), 'all', 30).join(
        ' ',
      );
      const helper = '/usr/libexec/ptrace-shim/ptrace-scope-window';
      await terminal.line(askPolkit(`${helper} ${asked}`));
      const screen = (await terminal.waitFor(/Password:$/)).replaceAll('\n', '');
      expect(screen).toContain('AUTHENTICATING FOR io.github.ptrace-shim.lower-scope');
      expect(screen).toContain('Lower ptrace_scope on this machine for one attach');
      expect(screen).toContain(`${helper} ${asked}`);
      await terminal.secret(USERS.dev.password);
      await terminal.waitFor('armed');
    } finally {
      await vm.asRoot(REMOVE);
    }
  });

  test('never remembers a password', async () => {
    const { stdout } = await vm.run(`grep -c 'auth_admin<' ${CHECKOUT}/libexec/io.github.ptrace-shim.policy`);
    expect(stdout).toBe('6\n');
  });
});
