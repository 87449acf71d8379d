import { type Decision, isScoped, scopedTargets } from '../decision.ts';
import { identify } from '../kernel/stat.ts';

import { hasOwnAction } from '../root/helper.ts';
import { toLeaders, whyNotLetIn } from '../root/let-in.ts';
import type { Tool } from '../tools/tool.ts';
import type { Remedy } from './remedy.ts';

/** Attach now: has each target let in this very tool, which then runs as it was typed. The scope stays 1. */
export const permit: Remedy = ({ tool, decision, settings, noHelper }) => ({
  id: 'permit',
  reason: whyNoPermission(tool, decision) ?? noHelper,
  ...(decision.intent.kind === 'launch' ? {} : { name: 'Attach now' }),
  does: () => `this ${tool.name} alone (${sayPassword()}); scope stays 1`,
  helper: 'ptrace-permit',
  remembered: { answer: 'attach', failure: `${tool.name} cannot be let in` },
  async carryOut({ tracer }, voice) {
    const { givePermission } = await import('../root/give-permission.ts');
    const why = await givePermission(
      toLeaders(scopedTargets(decision)),
      identify(tracer),
      settings.elevate,
      voice,
    );
    if (why === undefined) return {};
    voice.say(`ptrace-shim: ${why.reason}; nothing was changed`);
    return undefined;
  },
});

/** Why a permission cannot help; undefined where it can. The helper looks for itself, and more closely. */
export function whyNoPermission(tool: Tool, decision: Decision): string | undefined {
  const { scope, intent } = decision;
  if (!isScoped(decision)) return 'the scope is not the cause';
  if (intent.kind !== 'attach') return 'there is no process to attach to';
  if (scope !== 1) return `at scope ${scope} the kernel heeds no permission`;
  return whyNotLetIn(
    scopedTargets(decision).map(({ pid }) => pid),
    tool,
  );
}

/** A package's helper has a polkit action of its own, which takes the person's own password. */
function sayPassword(): string {
  return hasOwnAction('ptrace-permit') ? 'your password' : 'admin password';
}
