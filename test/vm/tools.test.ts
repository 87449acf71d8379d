import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ToolName } from '../../src/tools/tool.ts';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import type { Running } from './harness/running.ts';
import { PATH_WITH_SHIMS, TARGET } from './harness/vm.ts';
import { lastRecord } from './harness/window.ts';

/**
 * The tools beyond the first four, each typed through its shim on a process that the scope keeps it from. Question and
 * password are attach.test.ts's: here the answer is remembered, and sudo asks for none.
 */
const vm = await connectVm();
let rules: string;
beforeAll(async () => {
  rules = await vm.readFile('/etc/sudoers');
  await vm.writeFile('/etc/sudoers', `${rules}dev ALL=(ALL) NOPASSWD: ALL\n`);
  await vm.saveSettings({ elevate: 'sudo', onRefusal: { all: 'attach' } });
});
afterAll(async () => {
  await vm.writeFile('/etc/sudoers', rules);
  await vm.emptyHome();
});
beforeEach(() => vm.setScope(1));

/** Somebody types the line at a terminal; PID is a target's. */
async function type(line: string): Promise<{ pid: number; running: Running }> {
  const { pid } = await startTarget(vm);
  const words = ['script', '-qefc', line.replaceAll('PID', String(pid)), '/dev/null'];
  const running = await vm.start(words, { env: { PATH: PATH_WITH_SHIMS } });
  onTestFinished(() => running.killGroup('SIGKILL').catch(() => {}));
  return { pid, running };
}

describe('at scope 1 the target lets in', () => {
  test.each([
    ['gcore', 'gcore -o core PID', /Saved corefile core\.\d+/],
    ['gdbserver', 'gdbserver --once --attach :0 PID', /Attached; pid = \d+\r?\nListening on port/],
    ['lldb', 'lldb --batch -p PID -o "process status"', /Process \d+ stopped/],
    ['scanmem', 'scanmem -c "1;exit" PID', /we currently have \d+ matches/],
    ['dlv', 'dlv attach PID', /Type 'help' for list of commands/],
  ])('%s', async (tool, line, attached) => {
    const { pid, running } = await type(line);
    const screen = await running.waitFor(attached);
    expect(screen).toContain(`${tool} can't attach to ${pid}`);
    expect(await vm.scope()).toBe(1);
    expect(await lastRecord(vm)).toContain(`permit tool=${tool} uid=2000 targets=${pid}:`);
  });

  test('ltrace', async () => {
    const { pid, running } = await type('ltrace -S -o /dev/null -p PID');
    const isTraced = () => vm.readFile(`/proc/${pid}/status`);
    await expect.poll(isTraced).toMatch(/^TracerPid:\t[1-9]/m);
    expect(running.hasEnded).toBe(false);
    expect(await vm.scope()).toBe(1);
  });

  test('reptyr, which moves the target to this terminal', async () => {
    const { pid } = await type('reptyr -s PID');
    await expect.poll(() => vm.asRoot(`readlink /proc/${pid}/fd/0`)).toMatch(/^\/dev\/pts\//);
    expect(await vm.scope()).toBe(1);
  });
});

describe('at scope 2 the scope is low until the tool traces what it launches', () => {
  test.each([
    ['gdbserver', `gdbserver --once :0 ${TARGET} sleep`],
    ['lldb', `lldb --batch -o run ${TARGET} -- sleep`],
    ['ltrace', `ltrace -o /dev/null ${TARGET} sleep`],
    ['dlv', `dlv exec ${TARGET} -- sleep`],
  ])('%s', async (tool, line) => {
    await vm.setScope(2);
    onTestFinished(async () => void (await vm.run(['pkill', '-KILL', '-x', 'target']))); // some outlive their tool
    await type(line);
    const ended = new RegExp(`tool=${tool} .* until=child found=2 .* ended=attached$`, 'm');
    await expect.poll(() => lastRecord(vm)).toMatch(ended);
    expect(await vm.scope()).toBe(2);
  });
});

/** What dry-run would do at a terminal, told by JSON; of many lines in one go, as each takes the emulated machine seconds. */
async function wouldDo(lines: readonly string[]): Promise<{ would: string; cause: string | undefined }[]> {
  const each = lines.map((line) => `ptrace-shim dry-run --json -- ${line}`).join('\n');
  const { stdout } = await vm.run(['script', '-qefc', each, '/dev/null'], { env: { PATH: PATH_WITH_SHIMS } });
  return stdout
    .trim()
    .split('\r\n')
    .map((line) => JSON.parse(line))
    .map(({ would, verdicts }) => ({ would, cause: verdicts[0]?.cause }));
}

const LINES: Readonly<Record<ToolName, string>> = {
  gdb: 'gdb -p PID',
  strace: 'strace -p PID',
  'eu-stack': 'eu-stack -p PID',
  vgdb: 'vgdb --pid=PID help',
  gcore: 'gcore PID',
  gstack: 'gstack PID',
  pstack: 'pstack PID',
  gdbserver: 'gdbserver --attach :0 PID',
  lldb: 'lldb -p PID',
  ltrace: 'ltrace -p PID',
  dlv: 'dlv attach PID',
  reptyr: 'reptyr PID',
  austin: 'austin -p PID',
  scanmem: 'scanmem PID',
  heaptrack: 'heaptrack -p PID',
  'py-spy': 'py-spy dump --pid PID',
  rbspy: 'rbspy record --pid PID',
  memray: 'memray attach PID',
};
const { vgdb: _, ...attaching } = LINES; // it attaches to what runs under valgrind alone

test('each tool is asked about at scope 1, and is told another cause', async () => {
  await vm.saveSettings({});
  const { pid } = await startTarget(vm);
  const closed = await startTarget(vm, 'undumpable');
  const lines = Object.values(attaching);
  const on = (target: number) => lines.map((line) => line.replace('PID', String(target)));
  const asked = await wouldDo([...on(pid), ...on(closed.pid)]);
  await vm.saveSettings({ elevate: 'sudo', onRefusal: { all: 'attach' } });
  expect(asked).toEqual([
    ...lines.map(() => ({ would: 'ask', cause: 'restricted' })),
    ...lines.map(() => ({ would: 'hint', cause: 'not-dumpable' })),
  ]);
});

test('heaptrack reads the scope itself, and so gets a window', async () => {
  const { pid, running } = await type('heaptrack -o heap -p PID');
  const screen = await running.waitFor('injection finished');
  expect(screen).toContain('lowering the scope: heaptrack reads the scope itself, and gives up above 0');
  await expect.poll(() => vm.scope()).toBe(1);
  expect(await lastRecord(vm)).toMatch(
    new RegExp(`tool=heaptrack uid=2000 targets=${pid}:.* ended=attached$`, 'm'),
  );
});

test('a version in the name is understood, and so is the name of a process', async () => {
  const { pid } = await startTarget(vm);
  await vm.read('mkdir bin && ln -s /usr/bin/gdb bin/gdb-13 && ln -s /usr/bin/lldb bin/lldb-21');
  const dryRun = async (line: string) => {
    const env = { PATH: `${PATH_WITH_SHIMS}:/home/dev/bin` };
    const { stdout } = await vm.run(`ptrace-shim dry-run --json -- ${line}`, { env });
    return JSON.parse(stdout);
  };
  expect(await dryRun(`gdb-13 -p ${pid}`)).toMatchObject({ tool: 'gdb', real: '/home/dev/bin/gdb-13' });
  expect(await dryRun('lldb-21 -n target')).toMatchObject({ tool: 'lldb', intent: { targets: [pid] } });
});
