import { isScopeCause, type RefusedVerdict, type Scope, type Verdict } from './kernel/cause.ts';
import { examine, ROOTS, readViewer } from './kernel/facts.ts';
import { examineLaunch, judgeLaunch } from './kernel/launch.ts';
import { readScope } from './kernel/scope.ts';
import { isForeground } from './kernel/stat.ts';
import { readTarget, type Target } from './kernel/target.ts';
import { judge } from './kernel/verdict.ts';
import { type Container, hostCommand, readForeignContainer } from './machine/container.ts';
import { isTerminal } from './terminal.ts';
import type { Intent, Surroundings, Tool } from './tools/tool.ts';

/** What the shim would do about a command line, and why. */
export interface Decision {
  readonly scope: Scope;
  readonly intent: Intent;
  /** One for each target; for a launch one, whose pid is the tracer's. */
  readonly verdicts: readonly Verdict[];
  /** What is named, as it was before anything else was asked; nothing at scope 0. */
  readonly targets: readonly Target[];
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
  const targets = scope && intent.kind === 'attach' ? intent.targets.map(readTarget) : [];
  const verdicts = scope ? judgeIntent(intent, targets, tracer, scope) : [];
  const refused = verdicts.filter(isWorthAWord);
  if (refused.length === 0) return { scope, intent, targets, verdicts, would: 'hand-over' };
  const container = readForeignContainer();
  const found = { scope, intent, targets, verdicts, ...(container ? { container } : {}) };
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
export function scopedTargets({ targets, verdicts }: Decision): Target[] {
  const refused = new Set(verdicts.filter(({ cause }) => isScopeCause(cause)).map(({ pid }) => pid));
  return targets.filter(({ pid }) => refused.has(pid));
}

/** Is it the scope, or could the tool be run on the host instead? */
function hasRemedy({ cause, outside }: Verdict, container: Container | undefined): boolean {
  return (
    isScopeCause(cause) ||
    (outside === true && container !== undefined && hostCommand(container, []) !== undefined)
  );
}

function judgeIntent(intent: Intent, targets: readonly Target[], tracer: number, scope: Scope): Verdict[] {
  switch (intent.kind) {
    case 'attach': {
      const viewer = readViewer(tracer, ROOTS, scope);
      return [
        ...targets.map(({ pid, status }) => judge(examine(pid, viewer, ROOTS, status))),
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
  if (!isTerminal(0)) return 'stdin is not a terminal';
  if (!isTerminal(output)) return 'stderr is not a terminal';
  if (!isForeground()) return 'it runs in the background';
  return undefined;
}
