import { isScoped } from '../decision.ts';
import { canGainPtraceCapability, readStatus } from '../kernel/proc-status.ts';
import { sayContainer } from '../machine/container.ts';
import { findElevator } from '../root/elevator.ts';
import type { Remedy } from './remedy.ts';

/** In a container, for a process inside of it: the container's own root, which the scopes 1 and 2 let in. */
export const containerRoot: Remedy = {
  id: 'container-root',
  about: 'in a container: run the tool as its root, for a process inside',
  offer({ tool, decision }) {
    const { scope, container } = decision;
    if (container === undefined || !isScoped(decision)) return undefined;
    const sudo = findElevator('sudo');
    const through = 'path' in sudo ? [sudo.path] : [];
    const reason = whyNoRootHere();
    return {
      reason,
      name: `Run ${tool.name} as root`,
      does: () =>
        `sudo ${tool.name} with the same arguments: the root of this ${sayContainer(container)} may attach`,
      ...(reason === undefined ? { through } : {}),
      carryOut: async () => ({ through }),
    };

    function whyNoRootHere(): string | undefined {
      if (scope === 3) return 'scope 3 is for root as well';
      const self = readStatus('self');
      if (self === undefined || !canGainPtraceCapability(self)) {
        const program = container?.kind === 'docker' ? 'docker' : 'podman';
        return `this container lacks CAP_SYS_PTRACE (${program} run --cap-add=SYS_PTRACE)`;
      }
      if ('reason' in sudo) return sudo.reason;
      return sudo.name === 'root' ? 'you are root here already' : undefined;
    }
  },
};
