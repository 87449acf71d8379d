import { isatty } from 'node:tty';
import { isScopeCause, type RefusedVerdict, type Scope, type Verdict } from './kernel/cause.ts';
import { examine, readViewer } from './kernel/facts.ts';
import { examineLaunch, judgeLaunch } from './kernel/launch.ts';
import { readStatus } from './kernel/proc-status.ts';
import { readScope } from './kernel/scope.ts';
import { isForeground, type Process, readStartTime } from './kernel/stat.ts';
import { judge } from './kernel/verdict.ts';
import { type Container, hostCommand, readForeignContainer } from './machine/container.ts';
import type { Intent, Surroundings, Tool } from './tools/tool.ts';

/** What the shim would do about a command line, and why. */
export interface Decision {
  readonly scope: Scope;
  readonly intent: Intent;
  /** One for each target; for a launch one, whose pid is the tracer's. */
  readonly verdicts: readonly Verdict[];
  /** When each process that is named was started, before anything else was asked: an id alone may be reused. */
  readonly started: ReadonlyMap<number, number>;
  /** Run the real tool in silence, ask the person, or say one line and run it. */
  readonly would: 'hand-over' | 'ask' | 'hint';
  /** Why there is no question where something refuses. */
  readonly because?: string;
  /** What we run in, looked up where something refuses. */
  readonly container?: Container;
  /** The tool runs already, and waits for us. */
  readonly inSession?: boolean;
}

/**
 * Recognises the command line and asks the kernel. Reads only; nothing is stopped, asked or printed.
 *
 * @param words the arguments as latin1, without argv[0]
 * @param tracer the process that will become the tool
 * @param output the descriptor on which a question would be asked
 */
export function decide(
  tool: Tool,
  words: readonly string[],
  tracer: number,
  surroundings: Surroundings,
  output: number,
): Decision {
  return decideOn(tool.recognise(words, surroundings), tracer, surroundings, output);
}

/** {@link decide}, for what a command line means. */
export function decideOn(
  intent: Intent,
  tracer: number,
  surroundings: Surroundings,
  output: number,
): Decision {
  const scope = readScope();
  const started = scope ? readStarted(intent) : new Map<number, number>();
  const verdicts = scope ? judgeIntent(intent, tracer) : [];
  const refused = verdicts.filter(isWorthAWord);
  if (refused.length === 0) return { scope, intent, verdicts, started, would: 'hand-over' };
  const container = readForeignContainer();
  const found = { scope, intent, verdicts, started, ...(container ? { container } : {}) };
  if (!refused.some((verdict) => hasRemedy(verdict, container))) {
    return { ...found, would: 'hint', because: 'the scope is not the cause' };
  }
  const because = whyNobodyToAsk(intent, surroundings.env, output);
  return because === undefined ? { ...found, would: 'ask' } : { ...found, would: 'hint', because };
}

/** Is it the scope that refuses, or a part of it? */
export function isScoped({ verdicts }: Pick<Decision, 'verdicts'>): boolean {
  return verdicts.some(({ cause }) => isScopeCause(cause));
}

/** The targets that the scope alone keeps the tool out of, as they were when first looked at. */
export function scopedTargets({ intent, verdicts, started }: Decision): Process[] {
  const targets = intent.kind === 'attach' ? intent.targets : [];
  const refused = verdicts.filter(({ pid, cause }) => isScopeCause(cause) && targets.includes(pid));
  return refused.map(({ pid }) => ({ pid, startTime: started.get(pid) ?? 0 }));
}

/** Is it the scope, or could the tool be run on the host instead? */
function hasRemedy({ cause, outside }: Verdict, container: Container | undefined): boolean {
  return (
    isScopeCause(cause) ||
    (outside === true && container !== undefined && hostCommand(container, []) !== undefined)
  );
}

/** Of a thread the process as well. */
function readStarted(intent: Intent): Map<number, number> {
  const targets = intent.kind === 'attach' ? intent.targets : [];
  const pids = new Set(targets.flatMap((pid) => [pid, readStatus(pid)?.tgid ?? pid]));
  const times = [...pids].map((pid) => [pid, readStartTime(pid)] as const);
  return new Map(times.filter((entry): entry is [number, number] => entry[1] !== undefined));
}

function judgeIntent(intent: Intent, tracer: number): Verdict[] {
  switch (intent.kind) {
    case 'attach': {
      const viewer = readViewer(tracer);
      return [
        ...intent.targets.map((pid) => judge(examine(pid, viewer))),
        ...(intent.launches ? [judgeLaunch(examineLaunch(tracer))] : []),
      ];
    }
    case 'launch':
      return [judgeLaunch(examineLaunch(tracer))];
    case 'other':
      return [];
  }
}

/** "No such process" says everything; EPERM is what the tools leave unexplained. */
export function isWorthAWord(verdict: Verdict): verdict is RefusedVerdict {
  return verdict.cause !== undefined && verdict.cause !== 'no-such-process';
}

function whyNobodyToAsk(intent: Intent, env: Surroundings['env'], output: number): string | undefined {
  if (intent.kind !== 'other' && intent.driven) return 'a program drives the tool';
  if (env.CI && env.CI !== 'false') return 'CI is set';
  if (env.TERM === 'dumb') return 'TERM is dumb';
  if (!isatty(0)) return 'stdin is not a terminal';
  if (!isatty(output)) return 'stderr is not a terminal';
  if (!isForeground()) return 'it runs in the background';
  return undefined;
}
