import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { givePassword, lowerScope, openTerminal, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { PATH_WITH_SHIMS, TARGET } from './harness/vm.ts';
import {
  arm,
  expectScope,
  HELPER,
  identify,
  lastRecord,
  open,
  startHelper,
  Tool,
  words,
} from './harness/window.ts';

const vm = await connectVm();
beforeEach(async () => {
  await vm.emptyHome();
  await vm.setScope(1);
});
afterEach(() => expectScope(vm, 1));

describe('while the window is open', () => {
  /** A tool that never attaches keeps it open. */
  async function openWindow({ deadline = 60, tool = 'exec sleep 300' } = {}): Promise<Terminal> {
    await vm.read(`mkdir -p bin && printf '#!/bin/sh\\n${tool}\\n' >bin/strace && chmod +x bin/strace`);
    await vm.saveSettings({ deadline });
    const { pid } = await startTarget(vm);
    const shims = PATH_WITH_SHIMS.split(':')[0];
    const terminal = await openTerminal(vm, {
      env: { PATH: PATH_WITH_SHIMS.replace(shims!, `${shims}:/home/dev/bin`) },
    });
    await terminal.line(`strace -p ${pid}`);
    await lowerScope(terminal);
    await expectScope(vm, 0);
    return terminal;
  }

  test('the scope is raised when the terminal is closed', async () => {
    const terminal = await openWindow();
    await terminal.close();
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('ended=exited');
  });

  test('the scope is raised when the terminal is killed', async () => {
    const terminal = await openWindow();
    await vm.kill(await terminal.emulatorPid(), 'SIGKILL');
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('ended=exited');
  });

  test('the scope is raised when the shell in the terminal is killed', async () => {
    const terminal = await openWindow();
    await vm.kill(await terminal.pid(), 'SIGKILL');
    await expectScope(vm, 1);
  });

  test('the scope is raised when Ctrl-C ends the tool', async () => {
    const terminal = await openWindow();
    await terminal.press('C-c');
    await expectScope(vm, 1);
  });

  test('the scope is raised at the deadline although the tool outlives the terminal', async () => {
    const terminal = await openWindow({ deadline: 8, tool: 'trap "" HUP; echo deaf; exec sleep 300' });
    await terminal.waitFor(/^deaf$/m);
    await terminal.close();
    expect(await vm.scope()).toBe(0);
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('ended=deadline');
  });

  test('Ctrl-Z does not stop the helper', async () => {
    const terminal = await openWindow({ deadline: 6 });
    await terminal.press('C-z');
    await terminal.waitFor('Stopped');
    await expectScope(vm, 1);
    expect(await lastRecord(vm)).toContain('ended=deadline');
    await terminal.line('kill -9 %1');
  });
});

describe('a target that goes while the password is asked for', () => {
  async function askPassword() {
    const target = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50 });
    await terminal.line(`strace -p ${target.pid}; echo "left with $?"`);
    await lowerScope(terminal, { password: null });
    await terminal.waitFor(/Password:$/);
    await target.running.kill('SIGKILL');
    await target.running.wait();
    return { pid: target.pid, terminal };
  }

  test('is told, and the question is asked again', async () => {
    const { pid, terminal } = await askPassword();
    await givePassword(terminal);
    await terminal.waitFor(`ptrace-shim: process ${pid} is gone; nothing was changed`);
    await terminal.waitFor(/nothing was changed[\s\S]*navigate/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });

  test('is not taken for another process of the same user that has got its pid', async () => {
    const { pid, terminal } = await askPassword();
    // The kernel gives the next process the pid after this one.
    const next = await vm.start(
      `until [ "$again" = ${pid} ]; do
        echo ${pid - 1} >/proc/sys/kernel/ns_last_pid
        setpriv --reuid=2000 --regid=2000 --clear-groups ${TARGET} sleep >/dev/null & again=$!
        [ $again = ${pid} ] || kill $again
      done; echo reused; wait`,
      { user: 'root' },
    );
    await next.waitFor('reused');
    await givePassword(terminal);
    await terminal.waitFor(`ptrace-shim: process ${pid} is gone; nothing was changed`);
    expect(await vm.readFile(`/proc/${pid}/status`)).toMatch(/^TracerPid:\t0$/m);
    await terminal.press('C-c');
    await next.killGroup('SIGKILL');
  });
});

test("leaves another user's folder alone, whatever its name", async () => {
  const folder = '/tmp/ptrace-shim-window.1.1.theirs';
  await vm.read(`mkdir -m 777 ${folder} && touch ${folder}/file`, { user: 'guest' });
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env: { XDG_RUNTIME_DIR: undefined } });
  await terminal.line(`strace -o /dev/null -p ${pid}`);
  await lowerScope(terminal);
  await terminal.waitFor('attached');
  expect(await vm.read(`ls ${folder}`)).toBe('file');
  await vm.read(`rm -r ${folder}`, { user: 'guest' });
});

test('lets gdb get hold of threads that are born while it attaches', async () => {
  const { pid } = await startTarget(vm, 'births', { args: ['3'] });
  await vm.saveSettings({ deadline: 300 }); // gdb looks for new threads again and again
  const terminal = await openTerminal(vm, { rows: 60, cols: 120 });
  await terminal.line(`gdb -nx -q -batch -p ${pid} -ex 'info threads' >log; echo "done with $?"`);
  await lowerScope(terminal);
  const screen = await terminal.waitFor(/done with \d/);
  expect(screen).toContain('done with 0');
  expect(screen).not.toContain('Operation not permitted');
  await expectScope(vm, 1);
  expect(await lastRecord(vm)).toMatch(/tool=gdb .* until=all .* ended=attached/);
  expect(await vm.read('cat log')).toMatch(/ 3 +Thread/);
});

describe('the helper', () => {
  test('leaves when an administrator has raised the scope, be it to the value that it found', async () => {
    const { helper } = await arm(vm);
    await open(helper);
    await vm.read('sleep 1'); // until then it may be taken for the value of before
    await vm.setScope(1);
    await helper.waitFor('closed');
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toMatch(/ended=overruled left=1$/);
  });

  test('takes for the asker whom sudo names, whatever else is in the environment', async () => {
    const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
    const tool = await Tool.start(vm, 'true');
    const helper = await startHelper(vm, [pid], tool.pid, { env: { SUDO_UID: '2000', PKEXEC_UID: '0' } });
    expect(helper.stdout).toBe(`refused: process ${pid} belongs to another user\n`);
  });

  test.each(['x', '-1', '2000 ', '$(id)', '02000'])('refuses to be asked by uid "%s"', async (uid) => {
    const { pid } = await startTarget(vm);
    const helper = await startHelper(vm, [pid], pid, { env: { PKEXEC_UID: uid } });
    expect(helper.stdout).toBe('refused: who asks is not a number\n');
  });

  test('refuses a set-uid program, which the kernel would not let the asker trace', async () => {
    await vm.asRoot(`cp ${TARGET} /usr/local/bin/set-uid && chmod 4755 /usr/local/bin/set-uid`);
    const running = await vm.start(['/usr/local/bin/set-uid', 'sleep']);
    await running.waitFor('ready');
    const tool = await Tool.start(vm, 'true');
    const helper = await startHelper(vm, [running.pid], tool.pid);
    expect(helper.stdout).toBe(`refused: process ${running.pid} belongs to another user\n`);
    await vm.kill(running.pid, 'SIGKILL');
  });

  test('keeps its lock from everybody else', async () => {
    await arm(vm);
    const { stderr } = await vm.run('flock -n /run/ptrace-shim/lock true');
    expect(stderr).toContain('Permission denied');
  });

  test('raises the scope at the deadline although nobody reads what it says', async () => {
    const { pid } = await startTarget(vm);
    const tool = await Tool.start(vm, 'true');
    // A pipe that is full but for the six bytes of "armed".
    const asked = words(await identify(vm, pid), await identify(vm, tool.pid), 'named', 3).join(' ');
    const stuck = await vm.start(
      `{ head -c 65530 /dev/zero; echo open | PKEXEC_UID=2000 ${HELPER} ${asked}; } | { sleep 60; cat >/dev/null; }`,
      { user: 'root' },
    );
    await expectScope(vm, 0);
    await expectScope(vm, 1);
    await stuck.killGroup('SIGKILL');
  });

  test('keeps limits of the person from itself', async () => {
    const { pid } = await startTarget(vm);
    const tool = await Tool.start(vm, `strace -o /dev/null -p ${pid}`);
    const asked = words(await identify(vm, pid), await identify(vm, tool.pid), 'named').join(' ');
    const limits = 'ulimit -f 0; ulimit -v 60000; ulimit -t 1; ulimit -n 12';
    const helper = await vm.start(`${limits}; PKEXEC_UID=2000 exec ${HELPER} ${asked}`, {
      user: 'root',
      holdStdin: true,
    });
    await helper.waitFor('armed');
    await open(helper);
    expect(await vm.scope()).toBe(0);
    await tool.go();
    await helper.waitFor('closed');
    expect(await lastRecord(vm)).toContain('ended=attached');
  });

  test('refuses where it cannot write down what it does', async () => {
    await vm.asRoot('mkdir -p /run/ptrace-shim && mount -t tmpfs -o ro tmpfs /run/ptrace-shim');
    try {
      const { helper } = await arm(vm);
      expect(helper.stdout).toBe('refused: cannot write to /run/ptrace-shim\n');
      expect(await vm.scope()).toBe(1);
    } finally {
      await vm.asRoot('umount -l /run/ptrace-shim');
    }
  });

  describe('with /run full', () => {
    const FILL = 'dd if=/dev/zero of=/run/ptrace-shim/fill bs=1k 2>/dev/null || true';

    /** A small file system of its own. */
    async function shrink(): Promise<void> {
      await vm.asRoot(
        'mkdir -p /run/ptrace-shim && mount -t tmpfs -o size=32k,mode=755 tmpfs /run/ptrace-shim',
      );
    }
    const grow = () => vm.asRoot('umount -l /run/ptrace-shim');

    test('does not lower what it could not raise again', async () => {
      await shrink();
      try {
        const { helper } = await arm(vm);
        await vm.asRoot(FILL);
        await helper.write('open\n');
        await helper.waitFor('refused: the scope could not be lowered');
        expect(await vm.scope()).toBe(1);
      } finally {
        await grow();
      }
    });

    test('raises the scope although it cannot keep a record', async () => {
      await shrink();
      try {
        const { helper, tool } = await arm(vm);
        await open(helper);
        await vm.asRoot(FILL);
        await tool.go();
        await helper.waitFor('closed');
        expect(await vm.scope()).toBe(1);
      } finally {
        await grow();
      }
    });
  });
});

test('tells `status` of a window that is open', async () => {
  const { pid, tool, helper } = await arm(vm);
  await open(helper);
  const status = await vm.read('node /opt/ptrace-shim/dist/main.js status');
  expect(status).toMatch(new RegExp(`open now +0 for \\S+ on ${pid}, by uid 2000`));
  await tool.running.kill('SIGKILL');
  await helper.waitFor('closed');
});

test('tells the person for whom the tool waits, and attaches when that window has closed', async () => {
  const other = await arm(vm);
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -o /dev/null -p ${pid}`);
  await lowerScope(terminal, { password: null });
  await terminal.waitFor(/Password:$/);
  await open(other.helper);
  await givePassword(terminal);
  await terminal.waitFor('ptrace-shim: waiting for the window of sh (uid 2000) to close');
  await other.tool.running.kill('SIGKILL');
  await other.helper.waitFor('closed');
  await terminal.waitFor(`Process ${pid} attached`);
  await expectScope(vm, 1);
  await terminal.press('C-c');
});
