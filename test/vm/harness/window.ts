import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { startTarget } from './person.ts';
import { PATIENCE, type Running } from './running.ts';
import { CHECKOUT, type Scope, type Vm, WITHOUT_SYSTEMD } from './vm.ts';

export const HELPER = `${CHECKOUT}/libexec/ptrace-scope-window`;

/** A tool that holds still before it attaches, as gdb does while it reads symbols. */
export class Tool {
  readonly running: Running;

  private constructor(running: Running) {
    this.running = running;
  }

  static async start(vm: Vm, command: string): Promise<Tool> {
    const running = await vm.start(`echo up; read -r go && exec ${command}`, { holdStdin: true });
    onTestFinished(() => running.kill('SIGKILL').catch(() => {}));
    await running.waitFor('up');
    return new Tool(running);
  }

  get pid(): number {
    return this.running.pid;
  }

  /** Lets it attach. */
  async go(): Promise<void> {
    await this.running.write('go\n');
  }
}

/** `PID:START`, as the helper wants it. */
export async function identify(vm: Vm, pid: number): Promise<string> {
  const stat = await vm.readFile(`/proc/${pid}/stat`);
  return `${pid}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

export interface HelperOptions {
  until?: 'named' | 'all' | 'child' | 'exit';
  seconds?: number;
  /** Who asks, as pkexec tells it. */
  uid?: number;
  /** Beside it. */
  env?: Record<string, string>;
  /** Can it have systemd's timer? True when not given. */
  systemd?: boolean;
  /** Words before the helper, of a command that executes it. */
  through?: readonly string[];
}

/** The helper's arguments. */
export function words(
  targets: string,
  tracer: string,
  until: string,
  seconds: number | string = 9,
): string[] {
  return [`seconds=${seconds}`, `until=${until}`, `tracer=${tracer}`, `targets=${targets}`];
}

/**
 * The words before a command of root's for which /bin/sh is another shell: dash on Debian and Ubuntu, bash on Fedora and
 * Arch, busybox's on Alpine.
 */
export function withShell(shell: 'dash' | 'bash' | 'busybox'): readonly string[] {
  return ['unshare', '-m', 'sh', '-c', `mount --bind $(command -v ${shell}) /bin/sh && exec "$@"`, 'sh'];
}

/** What the helper consists of, once it is armed; the guardian and the alarm are there when it is open. */
export interface Parts {
  /** In a session of its own. */
  keeper: number;
  /** Undefined while nothing is open. */
  guardian: number | undefined;
}

/** The guardian holds the lock as well as the keeper, and none of the others does. */
export async function partsOf(vm: Vm, helper: Running): Promise<Parts> {
  const script = `keeper=$(pgrep -o -P ${helper.pid}); echo $keeper
    for pid in $(pgrep -s $keeper); do [ ! -e /proc/$pid/fd/9 ] || echo $pid; done`;
  const [keeper, ...rest] = (await vm.asRoot(script)).split('\n').map(Number);
  return { keeper: keeper!, guardian: rest.find((pid) => pid !== keeper) };
}

/** Kills what keeps the scope from staying low; but for a timer, nobody is left to raise it. */
export async function killAll(vm: Vm, helper: Running): Promise<void> {
  await vm.asRoot(killingAll(helper));
}

/** The same as a line of sh. All are stopped first, or the guardian might find the keeper dead and be killed while it raises. */
export function killingAll({ pid }: Running): string {
  return `all=$(pgrep -s $(pgrep -o -P ${pid})); kill -STOP $all; kill -KILL $all`;
}

/** Starts the helper as pkexec would: as root, for a user. It is armed when it may be. */
export async function startHelper(
  vm: Vm,
  targets: number[],
  tracer: number,
  { until = 'named', seconds = 60, uid = 2000, env = {}, systemd = true, through = [] }: HelperOptions = {},
): Promise<Running> {
  const ids = await Promise.all(targets.map((pid) => identify(vm, pid)));
  const argv = [
    ...(systemd ? [] : WITHOUT_SYSTEMD),
    ...through,
    HELPER,
    ...words(ids.join(',') || '-', await identify(vm, tracer), until, seconds),
  ];
  const helper = await vm.start(argv, {
    user: 'root',
    env: { PKEXEC_UID: String(uid), ...env },
    holdStdin: true,
  });
  await helper.waitFor(/armed|refused/);
  onTestFinished(() => endSession(vm, helper, tracer));
  return helper;
}

/** With its tool, as the end of what pkexec or sudo has started does not. */
async function endSession(vm: Vm, helper: Running, tracer: number): Promise<void> {
  if (helper.hasEnded) return;
  await vm.run(['kill', '-KILL', `${tracer}`], { user: 'root' });
  await helper.wait();
}

/** A target, a tool that waits to attach to it, and a helper that waits to be told. */
export async function arm(
  vm: Vm,
  { command = (pid: number) => `strace -o /dev/null -p ${pid}`, ...options }: ArmOptions = {},
): Promise<{ pid: number; tool: Tool; helper: Running }> {
  const { pid } = await startTarget(vm);
  const tool = await Tool.start(vm, command(pid));
  return { pid, tool, helper: await startHelper(vm, [pid], tool.pid, options) };
}

export interface ArmOptions extends HelperOptions {
  /** What the tool is. */
  command?: (pid: number) => string;
}

/** Has an armed helper open its window. */
export async function open(helper: Running): Promise<void> {
  await helper.write('open\n');
  await helper.waitFor(/^open$/m);
}

/** Waits until the scope is what is expected; throws with what it is instead. */
export async function expectScope(vm: Vm, expected: Scope): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while ((await vm.scope()) !== expected) {
    if (Date.now() > deadline) throw new Error(`the scope is ${await vm.scope()}, not ${expected}`);
    await sleep(50); // the machine has one processor
  }
}

/** The last lines of the record; the lock is held until a window that closes has written its own. */
export async function lastRecord(vm: Vm, lines = 1): Promise<string> {
  return vm.asRoot(`flock /run/ptrace-shim/lock tail -n ${lines} /run/ptrace-shim/record`);
}
