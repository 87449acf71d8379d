import which from 'which';
import { isInitialPidNamespace } from '../kernel/namespace.ts';
import { type Container, hostCommand, sayContainer } from '../machine/container.ts';
import type { Remedy } from './remedy.ts';

/** In a container, for a process outside of it: the tool on the host. */
export const host: Remedy = {
  id: 'host',
  about: 'in a container: run the tool on the host, for a process there',
  offer({ tool, decision: { verdicts, container } }) {
    if (container === undefined || !verdicts.some(({ outside }) => outside)) return undefined;
    const through = hostCommand(container, [tool.name]) ?? [];
    const reason = whyNoWayOut(through, container);
    return {
      reason,
      name: `Run ${tool.name} on the host`,
      does: () => `${through.join(' ')} with the same arguments; the scope holds there, too`,
      ...(reason === undefined ? { through } : {}),
      carryOut: async () => ({ instead: through }),
    };
  },
};

function whyNoWayOut([way]: readonly string[], container: Container): string | undefined {
  if (way === undefined) return `nothing leads out of a ${sayContainer(container)}`;
  if (!isInitialPidNamespace()) return 'process ids are others on the host';
  return which.sync(way, { nothrow: true }) === null ? `${way} is not installed here` : undefined;
}
