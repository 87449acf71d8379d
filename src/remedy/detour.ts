import which from 'which';
import type { Decision } from '../decision.ts';
import { isScopeCause } from '../kernel/cause.ts';
import { isInitialPidNamespace } from '../kernel/namespace.ts';
import { canGainPtraceCapability } from '../kernel/status.ts';
import { type Container, hostCommand, sayContainer } from '../setup/container.ts';
import type { Tool } from '../tools/tool.ts';
import { findElevator } from './elevate.ts';
import type { Remedy } from './remedies.ts';

/**
 * The ways on in a container, where lowering the scope is impossible or in vain: for a process outside of it, the tool on
 * the host; for one inside, the container's own root, which holds CAP_SYS_PTRACE over it at scope 1 and 2.
 */
export function findDetours(
  tool: Tool,
  { scope, verdicts }: Pick<Decision, 'scope' | 'verdicts'>,
  container: Container,
): Remedy[] {
  const outside = verdicts.some((verdict) => verdict.outside);
  const inside = verdicts.some(({ cause }) => isScopeCause(cause));
  return [
    ...(outside ? [findHost(tool, container)] : []),
    ...(inside ? [findContainerRoot(scope === 3)] : []),
  ];
}

function findHost({ name }: Tool, container: Container): Remedy {
  const through = hostCommand(container, [name]);
  const no = (reason: string): Remedy => ({ id: 'host', available: false, reason });
  if (through === undefined) return no(`nothing leads out of a ${sayContainer(container)}`);
  if (!isInitialPidNamespace()) return no('process ids are others on the host');
  if (which.sync(through[0]!, { nothrow: true }) === null) return no(`${through[0]} is not installed here`);
  return { id: 'host', available: true, through };
}

function findContainerRoot(final: boolean): Remedy {
  const no = (reason: string): Remedy => ({ id: 'container-root', available: false, reason });
  if (final) return no('scope 3 is for root as well');
  if (!canGainPtraceCapability())
    return no('this container lacks CAP_SYS_PTRACE (podman run --cap-add=SYS_PTRACE)');
  const sudo = findElevator('sudo');
  if ('reason' in sudo) return no(sudo.reason);
  if (sudo.name === 'root') return no('you are root here already');
  return { id: 'container-root', available: true, through: [sudo.path] };
}
