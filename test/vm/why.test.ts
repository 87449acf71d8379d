import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NamedVerdict } from '../../src/commands/why.ts';
import type { Cause } from '../../src/kernel/cause.ts';
import { bootVm } from './harness/boot.ts';
import { connectVm } from './harness/connect.ts';
import type { Running } from './harness/running.ts';
import { CHECKOUT, TARGET, USERS, type User, type Vm } from './harness/vm.ts';

const shared = await connectVm();

const WHY = `/usr/bin/node ${CHECKOUT}/dist/main.js why --json`;
const { uid } = USERS.dev;

type Expected = Cause | 'allowed';

/** A target, and what the verdict on it is at scope 0, 1 and 2 (or always). */
interface Case {
  start: () => Promise<number>;
  expected: Expected | readonly [Expected, Expected, Expected];
}

const CASES: Readonly<Record<string, Case>> = {
  'a plain process': { start: () => start([TARGET]), expected: ['allowed', 'restricted', 'admin-only'] },
  'a thread': { start: startThread, expected: ['allowed', 'restricted', 'admin-only'] },
  'one that permits everybody': {
    start: () => start([TARGET, 'allow-any']),
    expected: ['allowed', 'allowed', 'admin-only'],
  },
  'one that permits an ancestor of ours': {
    start: () => start([...permitting('getppid()'), TARGET]),
    expected: ['allowed', 'allowed', 'admin-only'],
  },
  'one that permits somebody else': {
    start: async () => start([...permitting(String(await start([TARGET]))), TARGET]),
    expected: ['allowed', 'restricted', 'admin-only'],
  },
  'a program under valgrind, which permits everybody': {
    start: () => start(['valgrind', '--quiet', TARGET]),
    expected: ['allowed', 'allowed', 'admin-only'],
  },
  'one in a user namespace of ours': {
    start: () => start(['unshare', '-r', TARGET]),
    expected: 'allowed',
  },
  "another user's": { start: () => start([TARGET], 'guest'), expected: 'different-user' },
  "root's": { start: () => start([TARGET], 'root'), expected: 'different-user' },
  'one with another group': {
    start: () => start([...asDev(USERS.guest.uid), TARGET], 'root'),
    expected: 'different-user',
  },
  'a service with an ambient capability': {
    start: () => start([...asDev(uid, '--inh-caps=+net_raw', '--ambient-caps=+net_raw'), TARGET], 'root'),
    expected: 'different-user',
  },
  'one that is not dumpable': { start: () => start([TARGET, 'undumpable']), expected: 'not-dumpable' },
  'a set-uid program': { start: () => startChanged('chmod 4755'), expected: 'not-dumpable' },
  'a set-gid program': { start: () => startChanged('chmod 2755'), expected: 'not-dumpable' },
  'a program with file capabilities': {
    start: () => startChanged('setcap cap_net_raw=p'),
    expected: 'not-dumpable',
  },
  'a traced process': { start: startTraced, expected: 'already-traced' },
  'a zombie': { start: () => start([TARGET, 'zombie']), expected: 'zombie' },
  'a kernel thread': { start: async () => 2, expected: 'kernel-thread' },
  'a dead process': { start: startDead, expected: 'no-such-process' },
};

const started: Running[] = [];
const pids: Record<string, number> = {};

beforeAll(async () => {
  await shared.setScope(1); // as valgrind looks at it
  for (const [name, { start }] of Object.entries(CASES)) pids[name] = await start();
});

afterAll(() => Promise.all(started.map((running) => running.killGroup('SIGKILL').catch(() => {}))));

test.each([0, 1, 2] as const)('agrees with strace about every cause at scope %i', async (scope) => {
  await shared.setScope(scope);
  const answers = await ask(shared, Object.values(pids));
  const found = Object.keys(pids).map((name, index) => [name, answers[index]]);
  const expected = Object.entries(CASES).map(([name, { expected }]) => [
    name,
    agreement(typeof expected === 'string' ? expected : expected[scope]),
  ]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
});

describe('agrees with strace where it depends on who asks:', () => {
  const plain = () => pids['a plain process']!;

  test('root at scope 2', async () => {
    await shared.setScope(2);
    expect(await ask(shared, [plain()], { user: 'root' })).toEqual([agreement('allowed')]);
  });

  test.each([1, 2])('hidepid=%i hides what others run', async (hidepid) => {
    await shared.setScope(1);
    const mount = `mount -t proc -o hidepid=${hidepid} proc /proc && exec "$@"`;
    const within = ['unshare', '-m', 'sh', '-c', mount, 'sh', ...asDev(uid)];
    const targets = [pids["another user's"]!, plain()];
    const answers = await ask(shared, targets, { user: 'root', within });
    expect(answers).toEqual([agreement('hidden'), agreement('restricted')]);
  });

  test('from inside a user namespace, of a process outside', async () => {
    await shared.setScope(0);
    const answers = await ask(shared, [plain()], { within: ['unshare', '-r'] });
    expect(answers).toEqual([agreement('different-user')]);
  });

  test.each([
    [1, 'allowed', 'attached'],
    [2, 'refused', 'Operation not permitted'],
  ] as const)('an ancestor that becomes the tool, at scope %i: %s', async (scope, outcome, strace) => {
    await shared.setScope(scope);
    const child = `${TARGET} >/dev/null & pid=$!`;
    const asked = await shared.run(`${child}; ${WHY} $pid --tracer $$; kill $pid`);
    expect(JSON.parse(asked.stdout)).toMatchObject([{ outcome }]);
    // strace keeps the shell's pid, and so its kinship and its children, for which it waits when it attached to nothing.
    const end = 'until grep -qE "attached|permitted" said; do sleep 0.1; done; kill $pid; cat said >&2';
    const became = await shared.run(`: >said; ${child}; (${end}) & exec strace -o /dev/null -p $pid 2>said`);
    expect(became.stderr).toContain(strace);
  });

  test('a tracer that is no ancestor, by its pid', async () => {
    await shared.setScope(1);
    const tracer = pids['one that permits everybody'];
    const { stdout } = await shared.run(`${WHY} ${plain()} --tracer ${tracer}`);
    expect(JSON.parse(stdout)).toMatchObject([{ cause: 'restricted' }]);
    expect(stdout).toContain(`${plain()} is not a descendant of target (${tracer})`);
  });
});

test('agrees with strace at scope 3: not even root may', async () => {
  const { vm, stop } = await bootVm();
  try {
    await vm.setScope(3);
    const target = await vm.start([TARGET]);
    await target.waitFor('ready');
    for (const user of ['dev', 'root'] as const) {
      expect(await ask(vm, [target.pid], { user })).toEqual([agreement('no-attach')]);
    }
  } finally {
    vm.close();
    await stop();
  }
});

interface Agreement {
  why: Expected | 'unknown';
  strace: string;
}

/** What both say of a target. */
function agreement(why: Expected): Agreement {
  const error = why === 'no-such-process' ? 'No such process' : 'Operation not permitted';
  return { why, strace: why === 'allowed' ? 'attached' : error };
}

/** What `why` says, and what happens to the real strace: both as this user and within these words. */
async function ask(
  vm: Vm,
  targets: readonly number[],
  { user = 'dev', within = [] }: { user?: User; within?: string[] } = {},
): Promise<Agreement[]> {
  const run = (script: string) =>
    vm.run([...within, 'sh', '-c', script, 'sh', ...targets.map(String)], { user });
  const { stdout, stderr, status } = await run(`${WHY} "$@"`);
  if (stdout === '') throw new Error(stderr);
  const verdicts = JSON.parse(stdout) as NamedVerdict[];
  expect(status).toBe(verdicts.every(({ outcome }) => outcome === 'allowed') ? 0 : 1);
  const straces = (await run(STRACE)).stdout.split('\n');
  return verdicts.map(({ outcome, cause }, index) => {
    const strace = straces[index]!.split(': ').at(-1)!;
    return { why: outcome === 'refused' ? cause! : outcome, strace };
  });
}

/** Prints a line per target: that strace attached (it lets go again), or the error. */
const STRACE = `said=$(mktemp)
for pid do
  : >"$said"
  strace -o /dev/null -p "$pid" 2>"$said" & strace=$!
  until grep -q 'attached$' "$said" || ! kill -0 $strace 2>/dev/null; do sleep 0.05; done
  kill -INT $strace 2>/dev/null
  wait $strace
  # strace 7 begins with what it has tried on itself, and ends with advice.
  if grep -q 'attached$' "$said"; then echo attached; else grep -m 1 'attach: ' "$said" || tail -n 1 "$said"; fi
done`;

/** Starts a program of test/fixtures/target.c, within other words perhaps, which lives until the end of this file. */
async function start(command: readonly string[], user: User = 'dev'): Promise<number> {
  const running = await shared.start(command, { user });
  started.push(running);
  const [, pid] = /ready (\d+)/.exec(await running.waitFor(/ready \d+\n/))!;
  return Number(pid);
}

async function startThread(): Promise<number> {
  const pid = await start([TARGET, 'threads', '3']);
  return Number((await shared.read(`ls /proc/${pid}/task`)).split('\n').at(-1));
}

/** A copy of the program to which root has done something. */
async function startChanged(change: string): Promise<number> {
  const file = `/usr/local/bin/${change.replaceAll(/\W/g, '-')}`;
  await shared.read(`cp ${TARGET} ${file} && ${change} ${file}`, { user: 'root' });
  return start(['env', file]); // setpriv, which makes us dev, executes it with capabilities left
}

async function startTraced(): Promise<number> {
  const pid = await start([TARGET]);
  const strace = await shared.start(['strace', '-o', '/dev/null', '-p', String(pid)], { user: 'root' });
  started.push(strace);
  await strace.waitFor('attached');
  return pid;
}

async function startDead(): Promise<number> {
  const pid = await start([TARGET]);
  await shared.kill(pid, 'SIGKILL');
  await started.at(-1)!.wait();
  return pid;
}

/** The words that make root's command one of dev, with this group. */
function asDev(gid: number, ...more: string[]): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...more, '--'];
}

/** The words that call prctl(PR_SET_PTRACER) for a command, which keeps the permission over exec. 157 is x86-64's prctl. */
function permitting(pid: string): string[] {
  return ['perl', '-e', `syscall(157, 0x59616d61, ${pid}, 0, 0, 0) == 0 or die; exec @ARGV`];
}
