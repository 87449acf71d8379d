import { beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { attachNow, openTerminal, QUESTION, startTarget } from './harness/person.ts';
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

  /** The answer is given beforehand: a line, and gdb goes on. */
  test('is seen whichever way it comes', async () => {
    const env = { PTRACE_SHIM_ON_REFUSAL: 'hint' };
    const pids = await Promise.all(Array.from({ length: 9 }, async () => (await startTarget(vm)).pid));
    const [first, second, ...rest] = pids as [number, number, ...number[]];
    await vm.writeFile('/home/dev/first', `attach ${first}\n`);
    await vm.writeFile('/home/dev/second', `attach ${second}\n`);
    const terminal = await openTerminal(vm, { rows: 50, env });
    const expectWord = (pid: number) => terminal.waitFor(`gdb can't attach to ${pid}`);
    await terminal.line(`${GDB} -x first`);
    await expectWord(first);
    const ways = [
      ...[
        'attach PID',
        'at PID',
        'attach 0xHEX',
        'alias zz = attach\nzz PID',
        'with print pretty -- attach PID',
      ],
      ...['python gdb.execute("attach PID")', 'eval "attach %d", PID'],
    ];
    for (const [index, way] of ways.entries()) {
      const pid = rest[index]!;
      await terminal.line(way.replaceAll('PID', String(pid)).replace('HEX', pid.toString(16)));
      await expectWord(pid);
    }
    await terminal.line('source second');
    await expectWord(second);
    await terminal.line('quit');
    const { pid } = await startTarget(vm);
    await terminal.line(`${GDB} -batch -ex 'set $pid = ${pid}' -ex 'eval "attach %d", $pid'`);
    await expectWord(pid);
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
