import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { execa } from 'execa';
import { letPass } from '../storm/storm.ts';
import { bootVm } from '../vm/harness/boot.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET, type Vm } from '../vm/harness/vm.ts';
import { buildLargeProgram } from './large-program.ts';
import { median, ms, ratio } from './stopwatch.ts';

/** How long the scope was lowered for one attach, seen from inside the VM. */
export interface Exposure {
  readonly what: string;
  /** Milliseconds, of several runs the one in the middle. */
  readonly lowered: number;
  /** What it is held against, with the milliseconds of that and the factor that is wanted at most. */
  readonly against?: { readonly what: string; readonly ms: number; readonly most: number };
  /** Milliseconds to hold against that, where they are not those of `lowered`. */
  readonly took?: number;
}

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const BUILT = `${CHECKOUT}/test/fixtures/built`;
const LARGE = `${BUILT}/large`;
const MEGABYTES = 150;

/** Takes a VM that is at scope 1 and has nobody in it. */
export async function measureExposure(vm: Vm, runs = 5): Promise<Exposure[]> {
  await execa('sh', [join(FIXTURES, 'build.sh')]);
  buildLargeProgram(join(FIXTURES, 'built/large'), MEGABYTES);
  const undo = await letPass(vm);
  try {
    const bare = await middle(runs, () => timeBareAttach(vm));
    const small = await middle(runs, () => timeWindow(vm, TARGET, `gdb -nx -q -batch ${TARGET} TARGET`));
    const large = await middle(3, () => timeWindow(vm, LARGE, `gdb -nx -q -batch ${LARGE} TARGET`));
    const largeByPid = await middle(3, () => timeWindow(vm, LARGE, 'gdb -nx -q -batch -p TARGET'));
    const strace = await middle(runs, () => timeWindow(vm, TARGET, 'strace -o /dev/null -p TARGET'));
    const stack = await middle(runs, () => timeWindow(vm, TARGET, 'eu-stack -p TARGET'));
    const gdbSmall = { what: 'gdb on a small program', ms: small, most: 1.5 };
    return [
      { what: 'strace -p PID', lowered: strace, against: { what: 'its bare attach', ms: bare, most: 5 } },
      { what: 'gdb ./small PID', lowered: small },
      { what: `gdb ./large PID, ${MEGABYTES} MB of debug information`, lowered: large, against: gdbSmall },
      { what: 'gdb -p PID of the same', lowered: largeByPid, against: gdbSmall },
      { what: 'eu-stack -p PID, until it ends', lowered: stack },
      {
        what: 'sudo sysctl, strace -p PID, sudo sysctl back, as fast as a script types',
        lowered: await middle(runs, () => timeByHand(vm)),
      },
      await measurePermission(vm, runs),
    ];
  } finally {
    await undo();
  }
}

/** By a permission the scope is not lowered at all; what it costs is held against the window. */
async function measurePermission(vm: Vm, runs: number): Promise<Exposure> {
  const sampler = await vm.start([`${BUILT}/sampler`, 'scope']);
  await sampler.waitFor('ready');
  const permit = await middle(runs, () => timeUntilAttached(vm, 'permit'));
  await sampler.killGroup('SIGKILL');
  if (sampler.stdout !== 'ready\n') throw new Error(`a permission lowered the scope: ${sampler.stdout}`);
  const window = await middle(runs, () => timeUntilAttached(vm, 'window'));
  const what = `strace -p PID by a permission, attached ${ms(permit)} after Enter`;
  return { what, lowered: 0, against: { what: 'by a window', ms: window, most: 1.5 }, took: permit };
}

/** What people do without us, by root as nobody types a password here. */
async function timeByHand(vm: Vm): Promise<number> {
  const target = await startTarget(vm, TARGET);
  const sampler = await vm.start([`${BUILT}/sampler`, 'scope']);
  await sampler.waitFor('ready');
  const script = `sudo sysctl -q -w kernel.yama.ptrace_scope=0
    ${BUILT}/become dev 2000 strace -o /dev/null -p ${target.pid} 2>/dev/null &
    until grep -q 'TracerPid:.[1-9]' /proc/${target.pid}/status; do :; done
    sudo sysctl -q -w kernel.yama.ptrace_scope=1; kill $!`;
  try {
    await vm.asRoot(['bash', '-c', script]);
    await sampler.waitFor(/^\d+$/m);
    return Number(/^\d+$/m.exec(sampler.stdout)![0]) / 1000;
  } finally {
    for (const running of [sampler, target]) await running.killGroup('SIGKILL').catch(() => {});
  }
}

/** From Enter to "attached", at a terminal and with no password to type. */
async function timeUntilAttached(vm: Vm, answer: 'permit' | 'window'): Promise<number> {
  const target = await startTarget(vm, TARGET);
  const env = { PATH: PATH_WITH_SHIMS, TERM: 'xterm', PTRACE_SHIM_ON_REFUSAL: answer };
  const typed = `script -qfec 'exec strace -o /dev/null -p ${target.pid}' /dev/null`;
  const script = `from=$EPOCHREALTIME; grep -q -m1 attached < <(${typed}); to=$EPOCHREALTIME
    kill $!; echo $((\${to/./} - \${from/./}))`;
  try {
    return Number(await vm.read(['bash', '-c', script], { env })) / 1000;
  } finally {
    await target.kill('SIGKILL');
  }
}

/** From exec to TracerPid, at scope 0. */
async function timeBareAttach(vm: Vm): Promise<number> {
  const target = await startTarget(vm, TARGET);
  await vm.setScope(0);
  try {
    const words = [`${BUILT}/sampler`, 'attach', String(target.pid), 'strace', '-o', '/dev/null', '-p'];
    return Number(await vm.read([...words, String(target.pid)])) / 1000;
  } finally {
    await vm.setScope(1);
    await target.kill('SIGKILL');
  }
}

/** Types `command` at a terminal, script(1), where the question is answered beforehand. */
async function timeWindow(vm: Vm, program: string, command: string): Promise<number> {
  const target = await startTarget(vm, program);
  const sampler = await vm.start([`${BUILT}/sampler`, 'scope']);
  await sampler.waitFor('ready');
  const typed = `exec ${command.replaceAll('TARGET', String(target.pid))}`;
  const env = { PATH: PATH_WITH_SHIMS, TERM: 'xterm', PTRACE_SHIM_ON_REFUSAL: 'window' };
  const terminal = await vm.start(['script', '-qfec', typed, '/dev/null'], { env, holdStdin: true });
  try {
    await sampler.waitFor(/^\d+$/m, { timeout: 300_000 });
    return Number(/^\d+$/m.exec(sampler.stdout)![0]) / 1000;
  } catch (error) {
    throw new Error(`${typed}: ${terminal.stdout}`, { cause: error });
  } finally {
    for (const running of [sampler, terminal, target]) await running.killGroup('SIGKILL').catch(() => {});
  }
}

async function startTarget(vm: Vm, program: string) {
  const running = await vm.start([program]);
  await running.waitFor('ready');
  return running;
}

async function middle(runs: number, measure: () => Promise<number>): Promise<number> {
  const results: number[] = [];
  while (results.length < runs) results.push(await measure());
  return median(results);
}

export function renderExposure(rows: readonly Exposure[]): string {
  const table = new Table({
    head: ['what', 'lowered', 'against', 'factor', 'wanted'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left', 'right', 'left'],
  });
  for (const { what, lowered, against, took = lowered } of rows) {
    const held = against
      ? [`${against.what}, ${ms(against.ms)}`, ratio(took, against.ms), `at most ${against.most}`]
      : ['', '', ''];
    table.push([what, ms(lowered), ...held]);
  }
  return String(table);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { vm, stop } = await bootVm();
  try {
    console.log(renderExposure(await measureExposure(vm)));
  } finally {
    vm.close();
    await stop();
  }
}
