import { beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { attachNow, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT, type Scope } from './harness/vm.ts';

const vm = await connectVm();
const SCRIPT = '.local/share/ptrace-shim/attach.gdb';

/** gdb without a shim before it: what asks is the hook alone. */
const GDB = '/usr/bin/gdb -q';

beforeEach(async () => {
  await vm.setScope(1);
  await vm.emptyHome();
  await vm.read(`${CHECKOUT}/dist/main.js install --gdb`);
});

async function attached(pid: number): Promise<boolean> {
  return !/^TracerPid:\t0$/m.test(await vm.readFile(`/proc/${pid}/status`));
}

const HINT = { PTRACE_SHIM_ON_REFUSAL: 'hint' };

/** Lines that one types. */
const WAYS = [
  ...['attach PID', 'attach 0xHEX', 'at PID', 'atta PID', 'attach PID&'],
  ...['alias zz = attach\nzz PID', 'define yy\nattach $arg0\nend\nyy PID'],
  ...['with print pretty -- attach PID', 'pipe attach PID | cat', 'if 1\nattach PID\nend'],
  ...[
    'eval "attach %d", PID',
    'interpreter-exec console "attach PID"',
    'add-inferior\ninferior 2\nattach PID',
  ],
  ...['python gdb.execute("attach PID")', 'python gdb.execute("attach PID", False, True)'],
  ...['source script', 'source script.py'],
];

const OPTIONS = [
  ...['-x script', "-ex 'attach PID'", "-ex 'set $pid = PID' -ex 'eval \"attach %d\", $pid'"],
  '-ex \'python gdb.execute("attach PID")\'',
];

function inPlaceOf(way: string, pid: number): string {
  return way.replaceAll('PID', String(pid)).replace('HEX', pid.toString(16));
}

async function expectWord(terminal: Terminal, scope: Scope, pid: number): Promise<void> {
  if (scope !== 0) {
    await terminal.waitFor(`gdb can't attach to ${pid}`);
    return;
  }
  await expect.poll(() => attached(pid)).toBe(true);
  expect(await terminal.history()).not.toContain("can't attach");
}

describe("gdb's own attach", () => {
  test('asks, and lets in this gdb; the second time it is let in, and nothing is asked', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50 });
    await terminal.line(GDB);
    await terminal.waitFor('(gdb)');
    await terminal.line(`attach ${pid}`);
    await attachNow(terminal);
    await expect.poll(() => attached(pid)).toBe(true);
    expect(await vm.scope()).toBe(1);
    await terminal.line('detach');
    await terminal.waitFor('detached');
    await terminal.line(`attach ${pid}`);
    await expect.poll(() => attached(pid)).toBe(true);
    expect((await terminal.history()).split(QUESTION)).toHaveLength(2);
  });

  /** The answer is given beforehand: a line, and gdb goes on. At 0 the line would be wrong, and gdb attaches. */
  describe.each<[Scope]>([[0], [1], [2]])('at scope %d', (scope) => {
    test('is seen whichever way it comes in a session', async () => {
      const terminal = await openTerminal(vm, { cols: 120, rows: 50, env: HINT });
      await vm.setScope(scope);
      await terminal.line(GDB);
      await terminal.waitFor('(gdb)');
      for (const way of WAYS) {
        const { pid, running } = await startTarget(vm);
        const written = inPlaceOf(way, pid);
        await vm.writeFile('/home/dev/script', `attach ${pid}\n`);
        await vm.writeFile('/home/dev/script.py', `gdb.execute("attach ${pid}")\n`);
        await terminal.line(written);
        await expectWord(terminal, scope, pid);
        if (scope === 0) {
          await terminal.line('detach');
          await expect.poll(() => attached(pid)).toBe(false);
        }
        await running.kill('SIGKILL');
      }
    });

    test.each(OPTIONS)('is seen in %s of the command line', async (options) => {
      const { pid } = await startTarget(vm);
      await vm.writeFile('/home/dev/script', `attach ${pid}\n`);
      const terminal = await openTerminal(vm, { cols: 120, rows: 50, env: HINT });
      await vm.setScope(scope);
      await terminal.line(`${GDB} ${inPlaceOf(options, pid)}`);
      await expectWord(terminal, scope, pid);
    });
  });

  test('asks at scope 2, too, and lowers it until it is attached', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50 });
    await vm.setScope(2);
    await terminal.line(GDB);
    await terminal.waitFor('(gdb)');
    await terminal.line(`attach ${pid}`);
    await terminal.waitFor(/Attach now +\(at scope 2 the kernel heeds no permission\)/);
    await attachNow(terminal);
    await expect.poll(() => attached(pid)).toBe(true);
    await expect.poll(() => vm.scope()).toBe(2);
  });

  test('opens a window for it, if that is wished, which closes when it is attached', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50, env: { PTRACE_SHIM_ON_REFUSAL: 'window' } });
    await terminal.line(GDB);
    await terminal.waitFor('(gdb)');
    await terminal.line(`attach ${pid}`);
    await terminal.waitFor('Password:');
    await terminal.secret('dev-pass');
    await expect.poll(() => attached(pid)).toBe(true);
    await expect.poll(() => vm.scope()).toBe(1);
    expect(await vm.asRoot('tail -n 1 /run/ptrace-shim/record')).toContain('ended=attached');
  });
});

describe('says nothing', () => {
  const attach = (pid: number, option = '') => `${GDB} ${option} -batch -ex 'attach ${pid}'`;
  const atTerminal = (command: string) => `script -qec "${command}" /dev/null`;

  test.each<[string, Scope, (pid: number) => string]>([
    ['without a terminal', 1, attach],
    ['at scope 0', 0, (pid) => atTerminal(attach(pid))],
    ['with -nx', 1, (pid) => atTerminal(attach(pid, '-nx'))],
    [
      'where a program drives gdb by MI',
      1,
      (pid) => `printf -- '-target-attach ${pid}\n-gdb-exit\n' | ${GDB} -i=mi3`,
    ],
    [
      'where a program drives gdb by MI at a terminal',
      1,
      (pid) => atTerminal(`printf -- 'attach ${pid}\n-gdb-exit\n' | ${GDB} -i=mi3`),
    ],
  ])('%s', async (_, scope, command) => {
    await vm.setScope(scope);
    const { pid } = await startTarget(vm);
    const { stdout, stderr } = await vm.run(['bash', '-c', command(pid)]);
    expect(stdout + stderr).not.toContain('ptrace-shim');
    if (scope === 1) expect(stdout + stderr).toContain('Operation not permitted');
  });

  test.each([
    ['the program is gone', `sed -i s,attach.sh,gone.sh, ${SCRIPT}`, ''],
    ['Node is gone', 'true', 'PATH=/nowhere '],
    ['PTRACE_SHIM=off', 'true', 'PTRACE_SHIM=off '],
  ])('and gdb goes on where %s', async (_, breaks, prefix) => {
    await vm.read(breaks);
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { rows: 50 });
    await terminal.line(`${prefix}${GDB}`);
    await terminal.waitFor('(gdb)');
    await terminal.line(`attach ${pid}`);
    const screen = await terminal.waitFor('ptrace: Operation not permitted.');
    expect(screen).not.toContain('ptrace-shim');
  });
});

test('is undone by uninstall, and the person keeps his own lines', async () => {
  await vm.read(`printf 'set confirm off\n' >.gdbinit && ${CHECKOUT}/dist/main.js install --gdb`);
  expect(await vm.read('cat .gdbinit')).toMatch(/^set confirm off\nsource .*attach\.gdb$/);
  await vm.read(`${CHECKOUT}/dist/main.js uninstall`);
  expect(await vm.read('cat .gdbinit')).toBe('set confirm off');
  expect((await vm.run(`ls ${SCRIPT}`)).status).not.toBe(0);
});
