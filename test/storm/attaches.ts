import type { Running } from '../vm/harness/running.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET, type Vm } from '../vm/harness/vm.ts';
import { letPass } from './storm.ts';

/** What is typed in turn, and what says that the tool has got to its target. */
const COMMANDS = [
  { verb: ['sleep'], typed: 'gdb -nx -q -batch -p PID -ex bt', done: /#\d+ .* main/ },
  {
    verb: ['threads', '50'],
    typed: 'strace -f -o /dev/null -p PID',
    done: /attached with 50/,
  },
  { verb: ['sleep'], typed: `gdb -nx -q -batch ${TARGET} PID -ex bt`, done: /#\d+ .* main/ },
  { verb: ['sleep'], typed: 'eu-stack -p PID', done: /#\d+ .* main/ },
];

export interface Attached {
  attaches: number;
  attached: number;
  /** What a watcher saw: the scope lowered, or an intruder that got in. */
  seen: string[];
}

/** Programs of the person's that say no more than "ready": one samples the scope, and one tries to get into each process. */
export async function watch(vm: Vm, pids: readonly number[]): Promise<Running[]> {
  const tasks = [['scope'], ...pids.map((pid) => ['intrude', String(pid)])];
  const watchers = await Promise.all(
    tasks.map((words) => vm.start([`${CHECKOUT}/test/fixtures/built/sampler`, ...words])),
  );
  for (const watcher of watchers) await watcher.waitFor('ready');
  return watchers;
}

/**
 * Attaches by a permission, one after the other, while the scope is sampled every millisecond, and two programs of the same
 * person try as often to attach: to the target, and to a process that nobody has named.
 */
export async function attaches(vm: Vm, count: number): Promise<Attached> {
  const undo = await letPass(vm);
  const result: Attached = { attaches: 0, attached: 0, seen: [] };
  try {
    for (; result.attaches < count; result.attaches++) {
      const { verb, typed, done } = COMMANDS[result.attaches % COMMANDS.length]!;
      const target = await vm.start([TARGET, ...verb]);
      const bystander = await vm.start([TARGET, 'sleep']);
      for (const each of [target, bystander]) await each.waitFor('ready');
      const watchers = await watch(vm, [target.pid, bystander.pid]);
      const words = ['script', '-qfec', typed.replace('PID', String(target.pid)), '/dev/null'];
      const env = { PATH: PATH_WITH_SHIMS, TERM: 'xterm', PTRACE_SHIM_ON_REFUSAL: 'permit' };
      const terminal = await vm.start(words, { env, holdStdin: true });
      await terminal.waitFor(done).then(
        () => result.attached++,
        () => result.seen.push(terminal.stdout),
      );
      result.seen.push(...watchers.map((watcher) => watcher.stdout).filter((text) => text !== 'ready\n'));
      for (const each of [terminal, ...watchers, target, bystander])
        await each.killGroup('SIGKILL').catch(() => {});
    }
    return result;
  } finally {
    await undo();
  }
}
