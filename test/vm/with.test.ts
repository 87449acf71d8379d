import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { expectAsItWas, givePassword, openTerminal, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT } from './harness/vm.ts';
import { expectScope, lastRecord } from './harness/window.ts';

const vm = await connectVm();
beforeEach(async () => {
  await vm.emptyHome();
  await vm.setScope(1);
});
afterEach(() => expectScope(vm, 1));

const WITH = `/usr/bin/node ${CHECKOUT}/dist/main.js with`;
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';

/** Types a line at a terminal of its own; the status is printed after it. */
async function type(line: string, options = {}): Promise<Terminal> {
  const terminal = await openTerminal(vm, { rows: 40, ...options });
  await terminal.line(`${line}; echo "left with $?"`);
  return terminal;
}

/** The helper raises the scope first, and writes it down after. */
async function expectRecord(wanted: RegExp): Promise<void> {
  await expect.poll(() => lastRecord(vm)).toMatch(wanted);
}

describe('lets the command in', () => {
  test.each(['/usr/bin/eu-stack -p PID', 'sh -c "eu-stack -p PID"'])(
    'and what it starts, while the scope stays 1: %s',
    async (command) => {
      const { pid } = await startTarget(vm);
      const terminal = await type(`ptrace-shim with ${pid} -- ${command.replace('PID', String(pid))}`);
      await givePassword(terminal);
      const screen = await terminal.waitFor(/left with \d+/);
      expect(screen).toMatch(/#\d+ .* main/);
      expect(screen).toContain('left with 0');
      expect(screen).not.toContain('lowering');
      const record = await vm.readFile('/run/ptrace-shim/record.2000');
      expect(record.trimEnd().split('\n').at(-1)).toMatch(
        new RegExp(` permit tool=\\S+ uid=2000 targets=${pid}:`),
      );
      expect((await vm.run(`strace -p ${pid}`)).status).toBe(1);
    },
  );

  test('not by a password that is wrong, and stays out then', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- echo started`);
    await givePassword(terminal, 'wrong');
    expect(await terminal.waitFor('left with 1')).not.toMatch(/^started/m);
  });
});

describe('opens a window where no permission counts', () => {
  beforeEach(() => vm.setScope(2));
  afterEach(async () => {
    await expectScope(vm, 2);
    await vm.setScope(1);
  });

  test('for eu-stack by its full path, and the scope is back afterwards', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- /usr/bin/eu-stack -p ${pid}`, { cols: 160 });
    await givePassword(terminal);
    const screen = await terminal.waitFor(/left with \d+/);
    expect(screen).toContain(
      'lowering kernel.yama.ptrace_scope from 2 to 0 until eu-stack ends, for 30 s at most',
    );
    expect(screen.indexOf('lowering')).toBeLessThan(screen.indexOf('Password:'));
    expect(screen).toMatch(/#\d+ .* main/);
    expect(screen).toContain('left with 0');
    await expectScope(vm, 2);
    await expectRecord(/uid=2000 .*found=2 during=0 .*ended=exited/);
  });

  test.each([
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ])('for a script that can read the terminal, and leaves with its status: %s', async (end, status) => {
    const { pid } = await startTarget(vm);
    const { pid: other } = await startTarget(vm);
    const script = `read -r word; echo "$word at $(cat ${SCOPE})"; ${end}`;
    const terminal = await type(`ptrace-shim with ${pid},${other} -- sh -c '${script}'`);
    await givePassword(terminal);
    await expectScope(vm, 0);
    await terminal.line('typed');
    await terminal.waitFor(/^typed at 0$/m);
    await terminal.waitFor(`left with ${status}`);
  });

  test('for a tool that the shim knows, without a question', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- strace -o /dev/null -p ${pid}`, {
      env: { PATH: `${CHECKOUT}/shims:/usr/bin:/bin` },
      cols: 160,
    });
    await givePassword(terminal);
    await terminal.waitFor(`Process ${pid} attached`);
    expect(await terminal.screen()).toContain('from 2 to 0');
    await terminal.press('C-c');
    await terminal.waitFor(/left with \d+/);
  });

  test('no longer than the deadline, while the command goes on', async () => {
    await vm.saveSettings({ deadline: 2 });
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- sh -c 'echo up; sleep 600; :'`);
    expect(await terminal.waitFor('Password:')).toContain('for 2 s at most');
    await givePassword(terminal);
    await terminal.waitFor(/^up$/m);
    await expectScope(vm, 2);
    await expectRecord(/ended=deadline/);
    expect(await terminal.screen()).not.toMatch(/^left with/m);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });
});

describe('just runs the command', () => {
  test.each(['sh -c "exit 5"', '-- sh -c "exit 5"'])('at scope 0: %s', async (command) => {
    await vm.setScope(0);
    const { pid } = await startTarget(vm);
    expect(await vm.run(`${WITH} ${pid} ${command}`)).toMatchObject({ status: 5, stdout: '', stderr: '' });
    await vm.setScope(1);
  });

  test('where the program lets everybody in', async () => {
    const { pid } = await startTarget(vm, 'allow-any');
    const { status, stdout } = await vm.run(`${WITH} ${pid} -- /usr/bin/eu-stack -p ${pid}`);
    expect(stdout).toMatch(/#\d+ .* main/);
    expect(status).toBe(0);
  });
});

describe('starts nothing', () => {
  const refused = async (line: string, options = {}) => {
    const result = await vm.run(`${WITH} ${line}`, options);
    expect(result.stdout).toBe('');
    return { status: result.status, stderr: result.stderr };
  };

  test("for another user's process", async () => {
    const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
    expect(await refused(`${pid} -- echo started`)).toEqual({
      status: 1,
      stderr:
        `ptrace-shim: lowering the scope would not help with ${pid}: it is not wholly yours (user, group or capabilities)\n` +
        `  help: sudo strace -p ${pid}\n`,
    });
  });

  test('for a process that is not there', async () => {
    expect(await refused('2147483646 -- echo started')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('would not help with 2147483646: no such process'),
    });
  });

  test.each([
    ['1x -- echo', 2, 'Not process ids with commas between them.'],
    ['1,,2 -- echo', 2, 'Not process ids with commas between them.'],
    ['0 -- echo', 2, 'Not process ids with commas between them.'],
    ['1 --', 2, 'missing required argument'],
    ['', 2, "missing required argument 'pids'"],
  ])('for %j', async (line, status, message) => {
    const result = await refused(line);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(
      message === 'missing required argument' ? /missing required|no command/ : message,
    );
  });

  test('for a command that is not there, before it asks for a password', async () => {
    const { pid } = await startTarget(vm);
    expect(await refused(`${pid} -- no-such-tool`)).toEqual({
      status: 127,
      stderr: 'ptrace-shim: no-such-tool: command not found\n',
    });
  });

  test('without a terminal and without a desktop, and says what to do', async () => {
    const { pid } = await startTarget(vm);
    expect(await refused(`${pid} -- echo started`)).toEqual({
      status: 1,
      stderr:
        'ptrace-shim: you were not authorised; nothing was changed\n' +
        '  help: run it at a terminal, where the password can be asked for, or as root\n',
    });
  });

  test('in a session that can gain no privileges', async () => {
    const { pid } = await startTarget(vm);
    const { status, stderr } = await vm.run(`setpriv --no-new-privs ${WITH} ${pid} -- echo started`);
    expect(stderr).toBe(
      'ptrace-shim: the scope is 1, and cannot be lowered: this session can gain no privileges (NoNewPrivs)\n',
    );
    expect(status).toBe(1);
  });

  test('after a wrong password', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- echo started`);
    await givePassword(terminal, 'wrong');
    const screen = await terminal.waitFor('left with 1');
    expect(screen).toContain('nothing was changed');
    expect(screen).not.toMatch(/^started/m);
  });

  test('after Ctrl-C at the password, and leaves the terminal as it was', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- echo started`);
    await terminal.waitFor('Password:');
    await terminal.press('C-c');
    const screen = await terminal.waitFor('left with 130');
    expect(screen).toContain('the authentication was cancelled; nothing was changed');
    expect(screen).not.toMatch(/^started/m);
    expect(await vm.scope()).toBe(1);
    await expectAsItWas(terminal);
  });
});

describe('killed with SIGKILL', () => {
  test('while the window is open: the scope is raised when the command ends', async () => {
    await vm.setScope(2);
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- sh -c 'echo "up $$ $PPID"; sleep 600; :'`);
    await givePassword(terminal);
    const [, command, ours] = /^up (\d+) (\d+)$/m.exec(await terminal.waitFor(/^up \d+ \d+$/m))!;
    onTestFinished(() => vm.kill(Number(command), 'SIGKILL').catch(() => {}));
    await expectScope(vm, 0);
    await vm.kill(Number(ours), 'SIGKILL');
    await terminal.waitFor('left with 137');
    expect(await vm.scope()).toBe(0);
    await vm.kill(Number(command), 'SIGKILL');
    await expectScope(vm, 2);
    await vm.setScope(1);
    await expectRecord(/ended=exited/);
  });

  test('at the password: nothing is changed, and nothing is left waiting', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await type(`ptrace-shim with ${pid} -- echo started`);
    await terminal.waitFor('Password:');
    const ours = Number(await vm.read(`pgrep -f 'main.js with ${pid}|ptrace-shim with ${pid}' | head -n 1`));
    const waiting = await vm.read(`pgrep -x -P ${ours} sh`);
    await vm.kill(ours, 'SIGKILL');
    expect(await terminal.waitFor('left with 137')).not.toMatch(/^started/m);
    await expect.poll(async () => (await vm.run(`ps -o stat= -p ${waiting} | grep -v Z`)).stdout).toBe('');
    expect(await vm.scope()).toBe(1);
  });
});
