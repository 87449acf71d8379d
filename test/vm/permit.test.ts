import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { fuzzPermits, permits, WORKERS } from '../storm/permits.ts';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import type { Running } from './harness/running.ts';
import { CHECKOUT, type CommandLine, type StartOptions } from './harness/vm.ts';
import { arm, identify, open, Tool } from './harness/window.ts';

const vm = await connectVm();
beforeEach(() => vm.setScope(1));

const HELPER = `${CHECKOUT}/libexec/ptrace-permit`;
const BUILT = `${CHECKOUT}/test/fixtures/built`;
const seed = Date.now() % 1_000_000;

/** What the helper answers when pkexec runs it for `dev`, or for whom is named. */
async function ask(words: readonly string[], { uid = 2000, command = [HELPER] } = {}): Promise<string> {
  const env = { PKEXEC_UID: String(uid) };
  const { stdout, stderr, status } = await vm.run([...command, ...words], { user: 'root', env });
  expect(stderr).toBe('');
  expect(status).toBe(stdout === 'permitted\n' ? 0 : 1);
  return stdout.trimEnd();
}

async function permit(pids: number[], tracer: number | 'any' | 'none', options = {}): Promise<string> {
  const targets = await Promise.all(pids.map((pid) => identify(vm, pid)));
  const who = typeof tracer === 'number' ? await identify(vm, tracer) : tracer;
  return ask([`targets=${targets.join(',')}`, `tracer=${who}`], options);
}

/** Can a program that the helper was told nothing of attach? */
async function letsInAnybody(pid: number): Promise<boolean> {
  const { stderr } = await vm.run(`timeout 2 strace -o /dev/null -p ${pid}`);
  return stderr.includes('attached');
}

interface Working {
  pid: number;
  running: Running;
  /** Ends it. Returns what it noticed. */
  finish(): Promise<string>;
}

/** Starts a program of test/fixtures/worker.c, or another that says "ready PID" and ends with its stdin. */
async function startWorker(command: CommandLine, options: StartOptions = {}): Promise<Working> {
  const running = await vm.start(command, { ...options, holdStdin: true });
  onTestFinished(() => running.killGroup('SIGKILL').catch(() => {}));
  const [, pid] = /ready (\d+)/.exec(await running.waitFor(/ready \d+\n/))!;
  const finish = async () => {
    await running.end();
    return (await running.wait()).stdout.split('\n')[1]!;
  };
  return { pid: Number(pid), running, finish };
}

const WORKS_ON = /^rounds \d+ wrong 0$/;

describe('a permission', () => {
  test('lets in the process that it names and nobody else, while the scope stays 1', async () => {
    const { pid } = await startTarget(vm);
    const tool = await Tool.start(vm, `strace -o /dev/null -p ${pid}`);
    const other = await Tool.start(vm, `strace -o /dev/null -p ${pid}`);
    expect(await permit([pid], tool.pid)).toBe('permitted');
    expect(await vm.scope()).toBe(1);
    await other.go();
    expect((await other.running.wait()).stderr).toContain('Operation not permitted');
    await tool.go();
    await tool.running.waitFor('attached');
  });

  test('is recorded for the person, for root, and in the journal', async () => {
    const { pid } = await startTarget(vm);
    const tool = await Tool.start(vm, 'true');
    await permit([pid], tool.pid);
    const line = `tool=sh uid=2000 targets=${await identify(vm, pid)} tracer=${await identify(vm, tool.pid)}`;
    const record = 'tail -n 1 /run/ptrace-shim/record.2000';
    expect(await vm.read(record)).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z permit ${line}$`));
    expect((await vm.run(record, { user: 'guest' })).status).not.toBe(0);
    expect((await vm.run('echo >>/run/ptrace-shim/record.2000')).status).not.toBe(0);
    expect(await vm.asRoot('journalctl -t ptrace-permit -o cat -n 1 _UID=0')).toBe(line);
  });

  test('stays in the record when windows come after it', async () => {
    const { pid } = await startTarget(vm);
    await permit([pid], 'any');
    const { tool, helper } = await arm(vm);
    await open(helper);
    await tool.go();
    await helper.waitFor('closed');
    await permit([pid], 'none');
    const record = await vm.read('tail -n 3 /run/ptrace-shim/record.2000');
    expect(record).toMatch(/ tracer=any\n.* ended=attached\n.* tracer=none$/);
    expect(await vm.asRoot('tail -n 3 /run/ptrace-shim/record')).toBe(record);
  });

  test('is given to any of the person, and taken back', async () => {
    const { pid } = await startTarget(vm);
    expect(await letsInAnybody(pid)).toBe(false);
    expect(await permit([pid], 'any')).toBe('permitted');
    expect(await letsInAnybody(pid)).toBe(true);
    expect(await permit([pid], 'none')).toBe('permitted');
    expect(await letsInAnybody(pid)).toBe(false);
  });

  test('is given when the helper travels as text', async () => {
    const { pid } = await startTarget(vm);
    const command = ['/usr/bin/python3', '-IS', '-c', await vm.readFile(HELPER), 'ptrace-permit'];
    expect(await permit([pid], 'any', { command })).toBe('permitted');
    expect(await letsInAnybody(pid)).toBe(true);
  });

  test('is given by all targets', async () => {
    const [one, other] = [await startTarget(vm), await startTarget(vm)];
    expect(await permit([one.pid, other.pid], 'any')).toBe('permitted');
    expect(await letsInAnybody(one.pid)).toBe(true);
    expect(await letsInAnybody(other.pid)).toBe(true);
  });

  test('is taken back from the first target when the second cannot be stopped', async () => {
    const { pid } = await startTarget(vm);
    const late = await startWorker([`${BUILT}/worker`, 'vfork']);
    expect(await permit([pid, late.pid], 'any')).toMatch(/^refused: .*cannot be stopped/);
    expect(await letsInAnybody(pid)).toBe(false);
    expect(await late.finish()).toMatch(WORKS_ON);
  });

  test('is given by a process that maps a file whose name reads like a line of /proc/PID/maps', async () => {
    const script = [
      'import mmap, os',
      "file = open('/home/dev/x\\rzz-zz r-xp 0 0 0 [vdso]', 'wb+')",
      'file.write(bytes(4096)); file.flush()',
      'mapped = mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ)',
      "print('ready', os.getpid(), flush=True)",
      'while True: pass',
    ].join('\n');
    const worker = await startWorker(['/usr/bin/python3', '-c', script]);
    expect(await permit([worker.pid], 'any')).toBe('permitted');
    expect(await letsInAnybody(worker.pid)).toBe(true);
  });

  test('is given by a process whose main thread has ended', async () => {
    const worker = await startWorker([`${BUILT}/worker`, 'leaderless']);
    expect(await permit([worker.pid], 'any')).toBe('permitted');
    expect(await worker.finish()).toMatch(WORKS_ON);
  });

  test('is given by a process of 2,000 threads', async () => {
    const { pid } = await startTarget(vm, 'threads', { args: ['2000'] });
    expect(await permit([pid], 'any')).toBe('permitted');
    expect(await letsInAnybody(pid)).toBe(true);
  });

  test('leaves a process stopped that job control has stopped', async () => {
    const { pid, running } = await startTarget(vm);
    await running.kill('SIGSTOP');
    expect(await permit([pid], 'any')).toBe('permitted');
    const state = () => vm.readFile(`/proc/${pid}/status`); // it comes to be so once it has run into the stop
    await expect.poll(state).toMatch(/^State:\tT \(stopped\)$/m);
    await running.kill('SIGCONT');
    await expect.poll(state).toMatch(/^State:\tS/m);
    expect(await letsInAnybody(pid)).toBe(true);
  });
});

describe('the helper refuses', () => {
  test.each([
    [[], 'two arguments are expected'],
    [['targets=1:1'], 'two arguments are expected'],
    [['targets=1:1', 'tracer=any', ''], 'two arguments are expected'],
    [['tracer=any', 'targets=1:1'], 'the targets are not PID:START,...'],
    [['targets=', 'tracer=any'], 'the targets are not PID:START,...'],
    [['targets=1:1,', 'tracer=any'], 'the targets are not PID:START,...'],
    [['targets=01:1', 'tracer=any'], 'the targets are not PID:START,...'],
    [['targets=1:1\n', 'tracer=any'], 'the targets are not PID:START,...'],
    [['targets=1:1,1:2', 'tracer=any'], 'a target is named twice'],
    [
      [`targets=${Array.from({ length: 65 }, (_, index) => `${index + 1}:1`)}`, 'tracer=any'],
      'there are more than 64 targets',
    ],
    [['targets=1:1', 'tracer=1'], 'the tracer is not PID:START, any or none'],
    [['targets=1:1', 'tracer=any\n'], 'the tracer is not PID:START, any or none'],
  ])('%j', async (words, why) => {
    expect(await ask(words)).toBe(`refused: ${why}`);
  });

  test("another user's process, and another user's tool", async () => {
    const [own, other] = [await startTarget(vm), await startTarget(vm, 'sleep', { user: 'guest' })];
    expect(await permit([other.pid], 'any')).toBe(`refused: process ${other.pid} belongs to another user`);
    expect(await permit([own.pid], other.pid)).toBe(`refused: process ${other.pid} belongs to another user`);
    expect(await permit([own.pid], 'any', { uid: 0 })).toBe(
      `refused: process ${own.pid} belongs to another user`,
    );
  });

  test('a pid that has been reused, or is free', async () => {
    const { pid, running } = await startTarget(vm);
    const id = await identify(vm, pid);
    expect(await ask([`targets=${pid}:1`, 'tracer=any'])).toBe(`refused: process ${pid} is gone`);
    expect(await ask([`targets=${id}`, `tracer=${pid}:1`])).toBe(`refused: process ${pid} is gone`);
    await running.kill('SIGKILL');
    await running.wait();
    expect(await ask([`targets=${id}`, 'tracer=any'])).toBe(`refused: process ${pid} is gone`);
  });

  test('the dead, the closed, and the id of a thread', async () => {
    const dead = await startTarget(vm, 'zombie');
    expect(await permit([dead.pid], 'any')).toBe(`refused: process ${dead.pid} is gone`);
    const closed = await startTarget(vm, 'undumpable');
    expect(await permit([closed.pid], 'any')).toMatch(/is closed to its own user/);
    const { pid } = await startTarget(vm, 'threads', { args: ['2'] });
    const thread = Number((await vm.read(`ls /proc/${pid}/task`)).split('\n')[1]);
    expect(await permit([thread], 'any')).toBe(`refused: ${thread} is a thread, not a process`);
  });

  test('a process that is traced already', async () => {
    const { pid } = await startTarget(vm, 'allow-any');
    const strace = await vm.start(`exec strace -o /dev/null -p ${pid}`);
    onTestFinished(() => strace.kill('SIGKILL').catch(() => {}));
    await strace.waitFor('attached');
    expect(await permit([pid], 'any')).toBe(`refused: process ${pid} is traced by process ${strace.pid}`);
  });

  test('a process with capabilities, or in a namespace of its own', async () => {
    const caps = ['setpriv', '--reuid=2000', '--regid=2000', '--clear-groups', '--inh-caps=+net_raw'];
    const ready = 'echo ready $$; read -r end';
    const able = await startWorker([...caps, '--ambient-caps=+net_raw', '/bin/bash', '-c', ready], {
      user: 'root',
    });
    expect(await permit([able.pid], 'any')).toBe(`refused: process ${able.pid} has capabilities`);
    const apart = await startWorker(['unshare', '--user', '/bin/bash', '-c', ready]);
    expect(await permit([apart.pid], 'any')).toBe(`refused: process ${apart.pid} is in a container`);
  });

  test('a process with a seccomp filter, which lives on', async () => {
    const worker = await startWorker([`${BUILT}/worker`, 'seccomp']);
    expect(await permit([worker.pid], 'any')).toMatch(/has a seccomp filter/);
    expect(await worker.finish()).toMatch(WORKS_ON);
  });

  test('a 32-bit program, which lives on', async () => {
    const worker = await startWorker([`${BUILT}/worker32`]);
    expect(await permit([worker.pid], 'any')).toBe(`refused: process ${worker.pid} is not a 64-bit program`);
    expect(await worker.finish()).toBe('alive');
  });

  test('a frozen process, which goes on when it thaws', async () => {
    const worker = await startWorker([`${BUILT}/worker`, 'nanosleep']);
    const group = '/sys/fs/cgroup/frozen';
    await vm.read(
      `mkdir -p ${group} && echo ${worker.pid} >${group}/cgroup.procs && echo 1 >${group}/cgroup.freeze`,
      {
        user: 'root',
      },
    );
    expect(await permit([worker.pid], 'any')).toMatch(/^refused: .*frozen/);
    await vm.writeFile(`${group}/cgroup.freeze`, '0');
    expect(await letsInAnybody(worker.pid)).toBe(false);
    expect(await worker.finish()).toMatch(/^rounds \d+ wrong \d/); // it has noticed that it was frozen
  });

  test('scope 0 and 2, an ordinary user, and root of a user namespace', async () => {
    const { pid } = await startTarget(vm);
    await vm.setScope(0);
    expect(await permit([pid], 'any')).toBe('refused: the scope is 0: there is nothing to permit');
    await vm.setScope(2);
    expect(await permit([pid], 'any')).toBe('refused: at scope 2 the kernel heeds no permission');
    await vm.setScope(1);
    const command = [HELPER, `targets=${await identify(vm, pid)}`, 'tracer=any'];
    expect((await vm.run(command)).stdout).toBe('refused: this needs to run as root\n');
    expect((await vm.run(['unshare', '-r', ...command])).stdout).toBe('refused: this is a container\n');
  });
});

/** Many more of each: `npm run storm -- --permits N`, with --kill and with --fuzz. */
describe('the target does not notice', () => {
  const few = { permits: 3, seed };

  test.each(WORKERS)(`3 permissions in %s (seed ${seed})`, async (worker) => {
    const [outcome] = await permits(vm, { ...few, workers: [worker] });
    expect(outcome).toMatchObject({ permits: 3, wrong: [] });
    const answer = worker === 'dispatch' ? /dispatched to itself|^permitted/ : /^permitted/;
    expect(Object.keys(outcome!.answers).filter((text) => !answer.test(text))).toEqual([]);
  });
});

test(`a target outlives the kill -9 of the helper (seed ${seed})`, async () => {
  const [outcome] = await permits(vm, { workers: ['pipe'], permits: 20, kill: true, seed });
  expect(outcome!.killed).toBeGreaterThan(2);
  // A few in a thousand strike between two writes of the registers.
  expect(outcome!.wrong.length).toBeLessThanOrEqual(1);
});

test(`whatever it is told, the helper has no process call that is not the asker's (seed ${seed})`, async () => {
  const { offences, calls } = await fuzzPermits(vm, { lists: 40, races: 10, seed });
  expect(offences).toEqual([]);
  expect(calls).toBeGreaterThan(0);
}, 600_000);
