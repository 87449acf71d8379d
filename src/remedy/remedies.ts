import type { Decision } from '../decision.ts';
import { isScopeCause, type Scope } from '../kernel/cause.ts';
import { readStatus } from '../kernel/status.ts';
import type { Settings } from '../settings.ts';
import { type Container, sayContainer } from '../setup/container.ts';
import type { Tool } from '../tools/tool.ts';
import { findDetours } from './detour.ts';
import { findElevator } from './elevate.ts';
import { whyNoPermission } from './permission.ts';
import { type RunningProgram, readProgram } from './program.ts';

/** A way through, as it is offered: one that cannot work is shown with the reason. */
export interface Remedy {
  readonly id: 'permit' | 'window' | 'relaunch' | 'host' | 'container-root';
  readonly available: boolean;
  readonly reason?: string;
  /** What runs the tool instead of us: `flatpak-spawn --host gdb`, or `/usr/bin/sudo` with the real tool after it. */
  readonly through?: readonly string[];
}

export interface Remedies {
  readonly list: readonly Remedy[];
  /** What relaunching would start again. */
  readonly program?: RunningProgram;
}

/** Which remedies can work for what was decided. Reads only. */
export function findRemedies(tool: Tool, decision: Decision, { elevate }: Settings): Remedies {
  const { scope, verdicts, container } = decision;
  const scoped = verdicts.some(({ cause }) => isScopeCause(cause));
  const window = scoped ? whyNoWindow(scope, elevate, container) : 'the scope is not the cause';
  const program = findProgram(tool, decision);
  return {
    list: [
      remedy('permit', scoped ? (whyNoPermission(decision) ?? window) : 'the scope is not the cause'),
      remedy('window', window),
      remedy('relaunch', 'reason' in program ? program.reason : undefined),
      ...(container ? findDetours(tool, decision, container) : []),
    ],
    ...('reason' in program ? {} : { program }),
  };
}

function remedy(id: Remedy['id'], reason: string | undefined): Remedy {
  return reason === undefined ? { id, available: true } : { id, available: false, reason };
}

/** Why the scope cannot be lowered from here, whatever for. */
export function whyNoWindow(
  scope: Scope,
  elevate: Settings['elevate'],
  container: Container | undefined,
): string | undefined {
  if (scope === 3) return 'scope 3 stays until the next boot';
  if (container !== undefined) return `a ${sayContainer(container)} cannot change the scope`;
  const elevator = findElevator(elevate);
  return 'reason' in elevator ? elevator.reason : undefined;
}

function findProgram(
  tool: Tool,
  { scope, intent, started }: Decision,
): RunningProgram | { readonly reason: string } {
  if (intent.kind === 'launch') return { reason: `scope ${scope} refuses launching too` };
  if (intent.kind === 'other') return { reason: 'there is no process to start again' };
  if (!tool.relaunch) return { reason: `${tool.name} cannot start a program` };
  if (scope !== 1) return { reason: `scope ${scope} refuses launching too` };
  if (intent.launches) return { reason: `${tool.name} is to start a program already` };
  const [target, ...more] = new Set(intent.targets.map((pid) => readStatus(pid)?.tgid ?? pid));
  if (more.length > 0) return { reason: `${tool.name} can start one program, not ${more.length + 1}` };
  return readProgram(target!, started.get(target!));
}
