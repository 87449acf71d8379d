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
  /** What reads the helper, if not /bin/sh. */
  shell?: readonly string[];
}

/** The helper's arguments. */
export function words(
  targets: string,
  tracer: string,
  until: string,
  seconds: number | string = 9,
): string[] {
  return [`targets=${targets}`, `tracer=${tracer}`, `until=${until}`, `seconds=${seconds}`];
}

/** Starts the helper as pkexec would: as root, for a user. It is armed when it may be. */
export async function startHelper(
  vm: Vm,
  targets: number[],
  tracer: number,
  { until = 'named', seconds = 60, uid = 2000, env = {}, systemd = true, shell = [] }: HelperOptions = {},
): Promise<Running> {
  const ids = await Promise.all(targets.map((pid) => identify(vm, pid)));
  const argv = [
    ...(systemd ? [] : WITHOUT_SYSTEMD),
    ...shell,
    HELPER,
    ...words(ids.join(',') || '-', await identify(vm, tracer), until, seconds),
  ];
  const helper = await vm.start(argv, {
    user: 'root',
    env: { PKEXEC_UID: String(uid), ...env },
    holdStdin: true,
  });
  onTestFinished(() => helper.kill('SIGTERM').catch(() => {}));
  await helper.waitFor(/armed|refused/);
  return helper;
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
  return vm.read(`flock /run/ptrace-shim/lock tail -n ${lines} /run/ptrace-shim/record`, { user: 'root' });
}
