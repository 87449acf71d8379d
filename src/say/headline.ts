import { type Decision, isScoped, isWorthAWord } from '../decision.ts';
import { isScopeCause, type RefusedVerdict, type Verdict } from '../kernel/cause.ts';
import { describeProcess, type ProcessDescription } from '../kernel/process.ts';
import { sayScope } from '../kernel/scope.ts';
import { type Container, hostCommand, sayContainer } from '../machine/container.ts';
import type { Refusal } from '../refusal.ts';
import { renderHostile } from '../terminal.ts';
import type { ToolName } from '../tools/tool.ts';
import { CAUSES } from './causes.ts';
import { namesScope } from './own-words.ts';
import { wrap } from './wrap.ts';

/** Who cannot do what, and the kernel's reason: one line, true on its own. */
export function renderHeadline(tool: ToolName, decision: Decision): string {
  const { verdicts, scope, container } = decision;
  const reason = isScoped(decision) ? sayScope(scope) : sayCause(verdicts.find(isWorthAWord)!, container);
  return `${renderRefused(tool, decision)}: ${reason}`;
}

function renderRefused(tool: ToolName, decision: Decision): string {
  const refused = decision.verdicts.filter(isWorthAWord);
  const scoped = refused.filter(({ cause }) => isScopeCause(cause));
  const told = scoped.length > 0 ? scoped : refused;
  const pids = told.filter((verdict) => isTarget(decision, verdict)).map(({ pid }) => pid);
  const act = pids.length > 0 ? `attach to ${pids.join(', ')}` : 'launch a program';
  return `${tool} can't ${act}`;
}

function isTarget({ intent }: Decision, { pid }: Verdict): boolean {
  return intent.kind === 'attach' && intent.targets.includes(pid);
}

/** What refuses, and where to read more, for whoever is not asked. A tool that names the scope itself is left to do so. */
export function renderHint({ tool: { name }, real, decision }: Refusal): string {
  const headline =
    isScoped(decision) && namesScope(real) ? renderRefused(name, decision) : renderHeadline(name, decision);
  return `ptrace-shim: ${headline} (${sayMore(name, decision)})`;
}

function sayMore(tool: ToolName, decision: Decision): string {
  const { verdicts, container } = decision;
  if (isScoped(decision))
    return container ? `as the container's root: sudo ${tool} …` : 'see: ptrace-shim explain';
  const { pid, outside } = verdicts.find(isWorthAWord)!;
  const host = outside && container && hostCommand(container, [tool]);
  return host ? `on the host: ${host.join(' ')} …` : `see: ptrace-shim why ${pid}`;
}

function sayCause({ cause, tracer, outside }: RefusedVerdict, container: Container | undefined): string {
  if (outside && container) return sayOutside(container);
  if (cause === 'already-traced') {
    const name = describeProcess(tracer ?? 0)?.name ?? 'another process';
    return `${name} (${tracer}) already traces it; ptrace_scope isn't the reason`;
  }
  return `${CAUSES[cause].reason}; ptrace_scope isn't the reason`;
}

/** `it is a process of the host, out of reach of this toolbox container` */
export function sayOutside(container: Container): string {
  return `it is a process of the host, out of reach of this ${sayContainer(container)}`;
}

/** The lines between headline and question: what each target is, and why it is refused. */
export function renderCircumstances(tool: ToolName, decision: Decision, width: number): string[] {
  const targets = decision.verdicts
    .filter((verdict) => isTarget(decision, verdict))
    .map(({ pid }) => describeProcess(pid))
    .filter((target) => target !== undefined);
  const room = Math.max(20, width - 48);
  return [
    ...targets.flatMap((target, index) =>
      wrap(renderTarget(target, room), width, index === 0 ? '  target   ' : INDENT, INDENT),
    ),
    ...wrap(sayWhy(tool, decision), width, '  why      ', INDENT),
  ];
}

const INDENT = ' '.repeat('  target   '.length);

function renderTarget({ pid, commandLine, user, yours, age }: ProcessDescription, room: number): string {
  return `${pid}  ${renderHostile(commandLine, room)}   ${yours ? 'yours' : user}, running for ${renderAge(age)}`;
}

/** The largest whole unit: nobody attaches by the second. */
export function renderAge(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function sayWhy(tool: ToolName, decision: Decision): string {
  if (!isScoped(decision)) {
    return 'it is outside of your user namespace, where you hold no rights at any scope';
  }
  switch (decision.scope) {
    case 1:
      return `at scope 1 a process may be traced only by its ancestors, and ${tool} is not one`;
    case 2:
      return 'at scope 2 only root (CAP_SYS_PTRACE) may attach to a process or launch one';
    default:
      return 'at scope 3 nobody may trace anything until the next boot';
  }
}
