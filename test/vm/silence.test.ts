import { describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { ASKED, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import { PATH, PATH_WITH_SHIMS, TARGET } from './harness/vm.ts';

const vm = await connectVm();
const env = { PATH: PATH_WITH_SHIMS };

/** Types a command at a terminal and returns the screen once it is done. */
async function typed(command: string, environment: Record<string, string> = {}): Promise<string> {
  const terminal = await openTerminal(vm, { env: environment, rows: 40, cols: 200 });
  await terminal.line(`${command}; echo "left with $?"`);
  return terminal.waitFor(/^left with \d+/m);
}

describe('attaches without a word', () => {
  test('at scope 0', async () => {
    await vm.setScope(0);
    const { pid } = await startTarget(vm);
    const screen = await typed(`gdb -nx -batch -p ${pid} -ex bt`);
    await vm.setScope(1);
    expect(screen).toContain('pause');
    expect(screen).not.toContain('ptrace-shim:');
  });

  test('to a descendant, where the shell itself becomes the shim', async () => {
    const screen = await typed(`sh -c '${TARGET} sleep & sleep 1; exec gdb -nx -batch -p $! -ex bt'`);
    expect(screen).toContain('pause');
    expect(screen).not.toContain('ptrace-shim:');
  });

  test('to a program that called PR_SET_PTRACER', async () => {
    const { pid } = await startTarget(vm, 'allow-any');
    const screen = await typed(`gdb -nx -batch -p ${pid} -ex bt`);
    expect(screen).toContain('pause');
    expect(screen).not.toContain('ptrace-shim:');
  });

  test('with vgdb to a valgrind process at scope 1', async () => {
    const valgrind = await vm.start(['valgrind', '--vgdb-error=0', TARGET, 'sleep']);
    try {
      await valgrind.waitFor('TO DEBUG THIS PROCESS');
      const screen = await typed('vgdb v.info scheduler');
      expect(screen).toContain('sched status:');
      expect(screen).not.toContain('ptrace-shim:');
    } finally {
      await valgrind.kill('SIGKILL');
    }
  });

  test('as root', async () => {
    const { pid } = await startTarget(vm);
    const { stdout, stderr } = await vm.run(`gdb -nx -batch -p ${pid} -ex bt`, { user: 'root', env });
    expect(stdout).toContain('pause');
    expect(stderr).not.toContain('ptrace-shim:');
  });
});

describe('leaves to the tool', () => {
  test('a dead pid', async () => {
    const screen = await typed('gdb -nx -batch -p 2147483646');
    expect(screen).toContain('ptrace: No such process.');
    expect(screen).not.toContain('ptrace-shim:');
  });

  test.each([
    ['gdb -nx -batch --args ./server -p 80', './server: No such file'],
    ['strace ./server -p 80', /Can(not|'t) stat '\.\/server'/],
    ['strace --no-such-option -p 1', 'unrecognized option'],
    ['gdb -nx -batch -p 123456789012345678901234567890', 'ptrace: '],
    ['strace -p 123456789012345678901234567890', 'Invalid process id'],
    ['strace -p 0', 'Invalid process id'],
    ['strace -p -1', 'Invalid process id'],
    ['strace -p', 'requires an argument'],
    ["strace ''", /Can(not|'t) (stat|find executable) ''/],
    ['eu-stack -p', 'requires an argument'],
  ])('%s', async (command, message) => {
    const screen = await typed(`${command} </dev/null`);
    expect(screen).toMatch(message);
    expect(screen).not.toContain('ptrace-shim:');
  });
});

describe('names in one line another cause than the scope', () => {
  test("another user's process", async () => {
    const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
    const screen = await typed(`strace -p ${pid}`);
    expect(screen).toContain(`strace can't attach to ${pid}: it is not wholly yours`);
    expect(screen).toContain("ptrace_scope isn't the reason");
    expect(screen).toContain(`ptrace(PTRACE_SEIZE, ${pid}): Operation not permitted`);
    expect(screen).toContain('left with 1');
    expect(screen).not.toContain(QUESTION);
  });

  test('a process that is not dumpable', async () => {
    const { pid } = await startTarget(vm, 'undumpable');
    const screen = await typed(`gdb -nx -batch -p ${pid}`);
    expect(screen).toContain('it is not dumpable');
    expect(screen).toContain('ptrace: Operation not permitted.');
    expect(screen).not.toContain(QUESTION);
  });

  test('a process that is traced already', async () => {
    const strace = await vm.start(`exec strace -o /dev/null ${TARGET} sleep`);
    try {
      const [, pid] = /ready (\d+)/.exec(await strace.waitFor(/ready \d+\n/))!;
      const screen = await typed(`strace -p ${pid}`);
      expect(screen).toMatch(/strace \(\d+\) already traces it; ptrace_scope isn't the reason/);
      expect(screen).not.toContain(QUESTION);
    } finally {
      await strace.kill('SIGKILL');
    }
  });
});

describe('gives a hint, and asks nothing', () => {
  /** What the shim says of a tool: one that names the scope itself, as strace 7 and gdb 17 do, has it not said twice. */
  async function hintOf(tool: 'gdb' | 'strace'): Promise<RegExp> {
    const { status } = await vm.run(['grep', '-q', 'ptrace_scope', `/usr/bin/${tool}`]);
    const scope = status === 0 ? '' : ': kernel\\.yama\\.ptrace_scope is 1 \\(restricted\\)';
    return new RegExp(
      `^ptrace-shim: ${tool} can't attach to \\d+${scope} \\(see: ptrace-shim explain\\)$`,
      'm',
    );
  }

  test('where there is no terminal at all', async () => {
    const { pid } = await startTarget(vm);
    const { status, stdout, stderr } = await vm.run(`strace -p ${pid}`, { env });
    const plain = await vm.run(`strace -p ${pid}`);
    expect(status).toBe(plain.status);
    expect(stdout).toBe('');
    expect(stderr).toMatch(await hintOf('strace'));
    expect(stderr.split('\n')).toHaveLength(plain.stderr.split('\n').length + 1);
  });

  test.each([
    ['stdin is a pipe', (pid: number) => `true | strace -p ${pid}`, {}],
    ['a program speaks to gdb', (pid: number) => `gdb -nx --interpreter=mi2 -batch -p ${pid}`, {}],
    ['CI is set', (pid: number) => `strace -p ${pid}`, { CI: '1' }],
    ['the terminal is dumb', (pid: number) => `TERM=dumb strace -p ${pid}`, {}],
    ['the answer is hint', (pid: number) => `strace -p ${pid}`, { PTRACE_SHIM_ON_REFUSAL: 'hint' }],
  ])('where %s', async (_, command, environment) => {
    const { pid } = await startTarget(vm);
    const screen = await typed(command(pid), environment);
    expect(screen).toMatch(await hintOf(command(pid).startsWith('gdb') ? 'gdb' : 'strace'));
    expect(screen).not.toContain(QUESTION);
    expect(screen).toMatch(/left with [01]/);
  });

  test('where stderr is a file', async () => {
    const { pid } = await startTarget(vm);
    await typed(`strace -p ${pid} 2>/tmp/stderr`);
    expect(await vm.readFile('/tmp/stderr')).toMatch(await hintOf('strace'));
  });

  test('where the settings say so, until that is forgotten', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(
      `ptrace-shim config set onRefusal.strace hint; strace -p ${pid}; echo "left with $?"`,
    );
    expect(await terminal.waitFor('left with 1')).not.toContain(QUESTION);
    await terminal.line(`ptrace-shim config forget onRefusal.strace; clear; strace -p ${pid}`);
    await terminal.waitFor(ASKED);
    await terminal.press('C-c');
  });

  test('in the background, and is not stopped there', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p ${pid} & wait $!; echo "left with $?"`);
    const screen = await terminal.waitFor('left with 1');
    expect(screen).toMatch(/can't attach to/);
  });
});

test('says nothing at all with PTRACE_SHIM=off', async () => {
  const { pid } = await startTarget(vm);
  const shimmed = await vm.run(`strace -p ${pid}`, { env: { ...env, PTRACE_SHIM: 'off' } });
  const plain = await vm.run(`strace -p ${pid}`, { env: { PATH } });
  expect(shimmed.stderr.replaceAll('/usr/bin/strace', 'strace')).toBe(plain.stderr);
});
