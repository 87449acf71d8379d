import type { Decision } from '../decision.ts';
import { isScopeCause } from '../kernel/cause.ts';
import { readStatus } from '../kernel/status.ts';
import type { Settings } from '../settings.ts';
import { readContainer } from '../setup/container.ts';
import type { Tool } from '../tools/tool.ts';
import { findElevator } from './elevate.ts';
import { type RunningProgram, readProgram } from './program.ts';

/** A way through, as it is offered: one that cannot work is shown with the reason. */
export interface Remedy {
  readonly id: 'window' | 'relaunch';
  readonly available: boolean;
  readonly reason?: string;
}

export interface Remedies {
  readonly list: readonly Remedy[];
  /** What relaunching would start again. */
  readonly program?: RunningProgram;
}

/** Which remedies can work for what was decided. Reads only. */
export function findRemedies(tool: Tool, decision: Decision, { elevate }: Settings): Remedies {
  const window = whyNoWindow(decision, elevate);
  const program = findProgram(tool, decision);
  return {
    list: [remedy('window', window), remedy('relaunch', 'reason' in program ? program.reason : undefined)],
    ...('reason' in program ? {} : { program }),
  };
}

function remedy(id: Remedy['id'], reason: string | undefined): Remedy {
  return reason === undefined ? { id, available: true } : { id, available: false, reason };
}

function whyNoWindow({ scope, verdicts }: Decision, elevate: Settings['elevate']): string | undefined {
  if (scope === 3) return 'scope 3 stays until the next boot';
  const other = verdicts.find(({ cause }) => cause !== undefined && !isScopeCause(cause));
  if (other !== undefined && !verdicts.some(({ cause }) => isScopeCause(cause))) {
    return 'the scope is not the cause';
  }
  const container = readContainer();
  if (container !== undefined && container.kind !== 'wsl')
    return `a ${container.kind} container cannot change the scope`;
  const elevator = findElevator(elevate);
  return 'reason' in elevator ? elevator.reason : undefined;
}

function findProgram(tool: Tool, { scope, intent }: Decision): RunningProgram | { readonly reason: string } {
  if (intent.kind === 'launch') return { reason: `scope ${scope} refuses launching too` };
  if (intent.kind === 'other') return { reason: 'there is no process to start again' };
  if (!tool.relaunch) return { reason: `${tool.name} cannot start a program` };
  if (scope !== 1) return { reason: `scope ${scope} refuses launching too` };
  if (intent.launches) return { reason: `${tool.name} is to start a program already` };
  const [target, ...more] = new Set(intent.targets.map((pid) => readStatus(pid)?.tgid ?? pid));
  if (more.length > 0) return { reason: `${tool.name} can start one program, not ${more.length + 1}` };
  return readProgram(target!);
}
