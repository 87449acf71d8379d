import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bootVm } from './harness/boot.ts';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import { CHECKOUT, TARGET, USERS, type User, type Vm } from './harness/vm.ts';
import { identify } from './harness/window.ts';

/** What a tool is run on, and how, where ptrace-scope-troubleshooting(7) quotes it. */
interface Scene {
  readonly pid: number;
  /** In the page process 77. */
  readonly tracer?: number;
  readonly user?: User;
  /** The words before the tool. */
  readonly within?: readonly string[];
}

/** A command line of the page, and what it prints: one text for each version that the page knows, as lines. */
interface Quote {
  readonly command: string;
  readonly outputs: readonly (readonly string[])[];
}

const shared = await connectVm();
const page = readPage();
const quotes = readQuotes();

const SCENES: Readonly<Record<string, (vm: Vm) => Promise<Scene>>> = {
  restricted: (vm) => startAt(vm, 1),
  'admin-only': startUnderValgrind,
  'different-user': async (vm) => startTarget(vm, 'sleep', { user: 'guest' }),
  'not-dumpable': async (vm) => startTarget(vm, 'undumpable'),
  'already-traced': startTraced,
  zombie: async (vm) => startTarget(vm, 'zombie'),
  'no-such-process': async () => ({ pid: 4_000_000 }),
  'kernel-thread': async () => ({ pid: 2 }),
  hidden: startHidden,
  container: async (vm) => ({ ...(await startAt(vm, 0)), within: ['unshare', '-r'] }),
  seccomp: async (vm) => ({ ...(await startAt(vm, 0)), within: ['perl', '-e', FILTER] }),
};

test.each(Object.keys(SCENES))('%s: the tools print what the page says', async (cause) => {
  await shared.setScope(1);
  await check(shared, cause, await SCENES[cause]!(shared));
});

test('no-attach: the tools print what the page says, to root too', async () => {
  const { vm, stop } = await bootVm();
  try {
    const scene = await startAt(vm, 3);
    await check(vm, 'no-attach', scene);
    await check(vm, 'no-attach', { ...scene, user: 'root' });
  } finally {
    vm.close();
    await stop();
  }
});

/** Debian 12's Python is older. */
const looksIntoOthers = (await shared.run(['python3', '-c', 'import sys; sys.remote_exec'])).status === 0;

describe.runIf(looksIntoOthers)('Python 3.14', () => {
  test('prints what the page says, and looks into what lets it in', async () => {
    await shared.setScope(1);
    const running = await shared.start(['python3', '-c', SLEEPER]);
    onTestFinished(() => running.kill('SIGKILL').catch(() => {}));
    await running.waitFor('ready');
    const { pid } = running;
    await check(shared, 'PYTHON', { pid });
    const allow = `PKEXEC_UID=2000 ${CHECKOUT}/libexec/ptrace-permit targets=${await identify(shared, pid)} tracer=any`;
    expect(await shared.asRoot(allow)).toBe('permitted');
    expect((await shared.run(`python3 -m asyncio ps ${pid}`)).stdout).toMatch(/sleep -> main/);
    expect((await shared.run(`echo where | python3 -m pdb -p ${pid}`)).stdout).toMatch(/run_forever/);
  });
});

const SLEEPER = `import asyncio
async def main():
  print('ready', flush=True)
  while True:
    await asyncio.sleep(0.2)
asyncio.run(main())`;

test('every quoted command line is tried', () => {
  const headings = Object.keys(quotes).filter((heading) => quotes[heading]!.length > 0);
  expect(headings.sort()).toEqual([...Object.keys(SCENES), 'no-attach', 'PYTHON'].sort());
});

async function check(vm: Vm, cause: string, scene: Scene): Promise<void> {
  const expected = quotes[cause] ?? [];
  expect(expected).not.toEqual([]);
  for (const quote of expected) {
    expect(quote.outputs, quote.command).toContainEqual(await run(vm, quote, scene));
  }
}

/** What the real tool prints at a terminal, where its two streams are one and in order; without what newer ones add. */
async function run(vm: Vm, { command, outputs }: Quote, scene: Scene): Promise<string[]> {
  const { pid, tracer, user, within = [] } = scene;
  const line = command.replaceAll('4242', String(pid)).replace(/^vgdb/, 'vgdb --cmd-time-out=2');
  const script = `exec stdbuf -oL -eL ${line} 2>&1`;
  const options = { user, cwd: user === 'root' ? '/' : undefined };
  const { stdout } = await vm.run([...within, 'sh', '-c', script], options);
  const lines = stdout
    .replaceAll(/( setting of| =) [123] (m)/g, '$1 1 $2')
    .replace(`, ${ADDED_BY_GDB}`, '')
    .replace(ADDED_BY_GDB, '')
    .split('\n')
    .map((text) => replaceNumber(replaceNumber(text, pid, 4242), tracer, 77))
    .filter(
      (text) =>
        !/^(warning: |\(gdb\).*)?$/.test(text) &&
        !ADDED_BY_STRACE.includes(text.replace('process 2 ', 'process 4242 ')),
    )
    .map((text) => text.replace(/(?<=PTRACE_SEIZE, )(?!4242|2\))\d+/, '4250')); // a child of strace's own
  return command.startsWith('vgdb') ? lines.slice(0, outputs[0]!.length) : lines; // it goes on for ever
}

/** The page has it on two lines, gdb on one, with another warning before or after it, and gdbserver behind its message. */
const ADDED_BY_GDB = /^warning: (the \/proc.*\n.*)$/m.exec(page)![1]!.replace('\n', ' ');
const ADDED_BY_STRACE = [...page.matchAll(/^strace: .* (?:attach|user|pid 77)$/gm)].map(([text]) => text);

function replaceNumber(text: string, from: number | undefined, to: number): string {
  return from === undefined || from === 2
    ? text
    : text.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), String(to));
}

function readPage(): string {
  const path = new URL('../../man/ptrace-scope-troubleshooting.7', import.meta.url);
  return readFileSync(fileURLToPath(path), 'utf8').replaceAll('\\-', '-');
}

/** The literal blocks of the page that begin with a prompt, by the heading above them. */
function readQuotes(): Record<string, Quote[]> {
  const sections = page.split(/^\.S[hs] /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const outputs = new Map<string, string[][]>();
      for (const [, command, output] of section.matchAll(/^\.Bd .*\n\$ (.*)\n([\s\S]*?)^\.Ed$/gm)) {
        outputs.set(command!, [...(outputs.get(command!) ?? []), output!.trimEnd().split('\n')]);
      }
      const heading = section.slice(0, section.indexOf('\n'));
      return [heading, [...outputs].map(([command, each]) => ({ command, outputs: each }))];
    }),
  );
}

/** An unrelated process of one's own, at this scope; with a copy of its program in the home. */
async function startAt(vm: Vm, scope: 0 | 1 | 3): Promise<Scene> {
  await vm.read(['cp', TARGET, `${USERS.dev.home}/orders-server`]);
  const { pid } = await startTarget(vm);
  await vm.setScope(scope);
  return { pid };
}

/** The same at scope 2 and under valgrind, as vgdb wants it. */
async function startUnderValgrind(vm: Vm): Promise<Scene> {
  const running = await vm.start(['valgrind', '--quiet', TARGET]);
  onTestFinished(() => running.kill('SIGKILL').catch(() => {}));
  await running.waitFor('ready');
  await vm.setScope(2);
  return { pid: running.pid };
}

async function startTraced(vm: Vm): Promise<Scene> {
  const { pid } = await startTarget(vm);
  const strace = await vm.start(['strace', '-o', '/dev/null', '-p', String(pid)], { user: 'root' });
  onTestFinished(() => strace.kill('SIGINT').catch(() => {}));
  await strace.waitFor('attached');
  return { pid, tracer: strace.pid };
}

async function startHidden(vm: Vm): Promise<Scene> {
  const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
  const { uid } = USERS.dev;
  const mount = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"';
  const asDev = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  return { pid, user: 'root', within: ['unshare', '-m', 'sh', '-c', mount, 'sh', ...asDev] };
}

/** Answers ptrace(2) with EPERM for what is executed: prctl(PR_SET_SECCOMP) with a filter of four lines, on x86-64. */
const FILTER = [
  'my $lines = pack "SCCL" x 4, 0x20, 0, 0, 0, 0x15, 0, 1, 101, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7fff0000;',
  'syscall(157, 38, 1, 0, 0, 0) == 0 or die;',
  'syscall(157, 22, 2, pack "S x6 P", 4, $lines) == 0 or die;',
  'exec @ARGV;',
].join(' ');
