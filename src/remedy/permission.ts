import { existsSync } from 'node:fs';
import type { Decision } from '../decision.ts';
import type { Plan } from '../handover/plan.ts';
import { isScopeCause } from '../kernel/cause.ts';
import { identify, type Process, renderIdentity } from '../kernel/stat.ts';
import { readStatus } from '../kernel/status.ts';
import type { Elevate, Settings } from '../settings.ts';
import type { Unelevated } from './elevate.ts';
import type { Refusal } from './refusal.ts';
import { runErrand } from './root-errand.ts';
import type { Voice } from './speak.ts';

/** Whom the targets let in: one process and its descendants, all of the same user, or nobody any more. */
export type Admitted = Process | 'any' | 'none';

/**
 * Has each target grant a ptracer exception to one tracer: the kernel lets that one in, and nobody else, and the scope stays
 * 1. The exception ends with the tracer or the target. Answers undefined when that is done; else why nothing was changed.
 * See libexec/ptrace-permit.
 */
export async function givePermission(
  targets: readonly Process[],
  admitted: Admitted,
  elevate: Elevate,
  voice: Voice,
): Promise<Unelevated | undefined> {
  const words = [
    `targets=${targets.map(renderIdentity).join(',')}`,
    `tracer=${typeof admitted === 'string' ? admitted : renderIdentity(admitted)}`,
  ];
  const answer = await runErrand('ptrace-permit', words, elevate, voice);
  if ('kind' in answer) return answer;
  return answer[0] === 'permitted' ? undefined : { kind: 'refused', message: answer.join(' ') };
}

/** Lets this very tool in, and plans to run it as it was typed. Undefined when it is not let in. */
export async function permit(refusal: Refusal, settings: Settings, voice: Voice): Promise<Plan | undefined> {
  const { tracer, decision } = refusal;
  const targets = listProcesses(decision);
  const why = await givePermission(targets, identify(tracer), settings.elevate, voice);
  if (why === undefined) return {};
  voice.say(`ptrace-shim: ${why.message}; nothing was changed`);
  return undefined;
}

/** Why a permission cannot help; undefined where it can. The helper looks for itself, and more closely. */
export function whyNoPermission({ scope, intent, started, verdicts }: Decision): string | undefined {
  if (intent.kind !== 'attach') return 'there is no process to attach to';
  if (scope !== 1) return `at scope ${scope} the kernel heeds no permission`;
  const refused = verdicts.filter(({ cause }) => isScopeCause(cause)).map(({ pid }) => pid);
  return whyNotLetIn(refused.filter((pid) => started.has(pid)));
}

/** The same for processes or threads that the scope alone refuses. */
export function whyNotLetIn(pids: readonly number[]): string | undefined {
  if (process.arch !== 'x64') return 'a permission can be given on x86-64 alone';
  if (!existsSync('/usr/bin/python3')) return 'a permission takes Python: there is no /usr/bin/python3';
  if (pids.length > MOST) return `a permission can be given for ${MOST} processes at once`;
  for (const pid of pids) {
    const status = readStatus(pid);
    if (status === undefined) return `${pid} has ended`;
    if (status.tracerPid > 0) return `${pid} is traced already`;
    if (status.seccomp > 0) return `${pid} has a seccomp filter, which may end it for the call`;
  }
}

const MOST = 64; // the helper's own cap

/** The processes that the scope keeps the tool out of; a thread stands for its process, which the exception is for. */
function listProcesses({ intent, verdicts, started }: Decision): Process[] {
  const targets = intent.kind === 'attach' ? intent.targets : [];
  const refused = verdicts.filter(({ pid, cause }) => isScopeCause(cause) && targets.includes(pid));
  return toLeaders(refused.map(({ pid }) => ({ pid, startTime: started.get(pid) ?? 0 })));
}

/** The processes that these processes and threads belong to. */
export function toLeaders(targets: readonly Process[]): Process[] {
  const leaders = targets.map((target) => {
    const leader = readStatus(target.pid)?.tgid ?? target.pid;
    return leader === target.pid ? target : identify(leader);
  });
  return [...new Map(leaders.map((each) => [each.pid, each])).values()];
}
