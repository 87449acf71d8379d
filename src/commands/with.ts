import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { InvalidArgumentError } from '../commander.ts';
import { Ended, Failure, type Obstacle, unchanged } from '../failure.ts';
import { become, startWaiting } from '../handover/become.ts';
import { isScopeCause, type Verdict } from '../kernel/cause.ts';
import { examine, ROOTS, readViewer } from '../kernel/facts.ts';
import { readScope } from '../kernel/scope.ts';
import { identify } from '../kernel/stat.ts';
import { leadersOf, readTarget, type Target } from '../kernel/target.ts';
import { judge } from '../kernel/verdict.ts';
import { type Container, readForeignContainer } from '../machine/container.ts';
import { whyNotLetIn } from '../remedy/let-in.ts';
import type { Window } from '../root/arm-window.ts';
import { type Elevator, findHelperElevator } from '../root/elevator.ts';
import { givePermission } from '../root/give-permission.ts';
import { openVoice, type Voice } from '../say/voice.ts';
import { readSettings } from '../settings.ts';
import { toolOf } from '../tools/tools.ts';
import type { AddCommand } from './command.ts';
import { adviseOn, sayReason } from './why.ts';
import { checkProgram, readLastWords, renderWords } from './words.ts';

/** `ptrace-shim with`: any tool is let in, from its start to its end. */
export const addWith: AddCommand = (command) => {
  command
    .usage('<pid>[,<pid>...] -- <command> [<args>...]')
    .argument('<pids>', 'the processes it attaches to', parsePids)
    .argument('<command...>', 'any tool: perf, bpftrace, a script around gdb')
    .passThroughOptions()
    .addHelpText('after', DETAILS)
    .action(async (pids: number[], command: string[]) => {
      const words = readLastWords(command[0] === '--' ? command.length - 1 : command.length);
      if (words.length === 0) throw new Failure('there is no command to run', { status: 2 });
      throw new Ended(await runAdmitted(pids, words));
    });
};

const DETAILS = `
Where the scope refuses, you are asked for a password. At scope 1 the processes
then let the command in, and what it starts, until it ends; the scope stays 1.
Where they cannot (a seccomp filter, scope 2) the scope is 0 for every process
of this machine, until the command ends or the deadline passes (30 s;
ptrace-shim config set deadline <seconds>). What is attached stays so. Where
attaching is allowed already, the command simply runs. Where something else than
the scope refuses, nothing is started.

Exit status: the command's own; 127 not found, 126 cannot be executed, 128 + n
ended by signal n, 130 the authentication was cancelled, 1 nothing was started.
`;

function parsePids(text: string): number[] {
  if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(text)) {
    throw new InvalidArgumentError('Not process ids with commas between them.');
  }
  return [...new Set(text.split(',').map(Number))];
}

async function runAdmitted(pids: readonly number[], words: readonly string[]): Promise<number> {
  checkProgram(words[0]!);
  const scope = readScope();
  const viewer = readViewer(process.pid, ROOTS, scope);
  const named = pids.map(readTarget);
  const verdicts = named.map(({ pid, status }) => judge(examine(pid, viewer, ROOTS, status)));
  const hopeless = verdicts.find(({ outcome, cause }) => outcome === 'refused' && !isScopeCause(cause));
  const container = readForeignContainer();
  if (hopeless !== undefined) throw noRemedy(hopeless, container, words);
  const targets = named.filter((_, index) => isScopeCause(verdicts[index]!.cause));
  if (targets.length === 0) return become({ words });

  const { settings } = readSettings();
  const voice = openVoice(2);
  const elevator = findHelperElevator({ scope, container }, settings.elevate);
  if ('reason' in elevator) {
    const refused = verdicts.find(({ cause }) => isScopeCause(cause))!;
    throw new Failure(`the scope is ${scope}, and cannot be lowered: ${elevator.reason}`, {
      help: container ? adviseOn(refused, container, renderWords(words)) : undefined,
    });
  }
  const why = whyNotLetIn(scope, targets, toolOf(basename(words[0]!)));
  if (why === undefined) return runLetIn(targets, words, elevator, voice);
  const name = renderWords([basename(words[0]!)], 40);
  voice.say(
    `ptrace-shim: ${why}; lowering kernel.yama.ptrace_scope from ${scope} to 0 until ${name} ends, for ${settings.deadline} s at most`,
  );
  return runInWindow(targets, words, settings.deadline, elevator, voice);
}

/** The tool is there before it is let in, as the kernel lets in a process and its descendants. */
async function runLetIn(
  targets: readonly Target[],
  words: readonly string[],
  elevator: Elevator,
  voice: Voice,
): Promise<number> {
  const waiting = startWaiting({ words });
  let why: Obstacle | undefined = NOT_YET;
  try {
    why = await givePermission(leadersOf(targets), identify(waiting.pid), elevator, voice);
  } finally {
    if (why !== undefined) waiting.stop();
  }
  if (why !== undefined) throw failed(why);
  return waiting.go(':');
}

const NOT_YET: Obstacle = { reason: 'it was not let in' };

/** The tool is there before the window, as the helper wants to know for whom it opens it. */
async function runInWindow(
  targets: readonly Target[],
  words: readonly string[],
  deadline: number,
  elevator: Elevator,
  voice: Voice,
): Promise<number> {
  const { armWindow } = await import('../root/arm-window.ts');
  const waiting = startWaiting({ words });
  let window: Window | Obstacle = NOT_YET;
  try {
    window = await armWindow(
      { targets, tracer: identify(waiting.pid), waitFor: 'exit', deadline, elevator },
      voice,
    );
  } finally {
    if ('reason' in window) waiting.stop();
  }
  if ('reason' in window) throw failed(window);
  return waiting.go(window.open);
}

function failed(obstacle: Obstacle): Failure {
  const lost = obstacle.code !== 'cancelled' && !hasTerminal();
  const help = 'run it at a terminal, where the password can be asked for, or as root';
  return unchanged(obstacle, lost ? help : undefined);
}

/** What a window would not change. */
function noRemedy(verdict: Verdict, container: Container | undefined, words: readonly string[]): Failure {
  const { pid } = verdict;
  return new Failure(`lowering the scope would not help with ${pid}: ${sayReason(verdict, container)}`, {
    help: adviseOn(verdict, container, renderWords(words)) ?? `ptrace-shim why ${pid}`,
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
