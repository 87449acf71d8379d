import { type Decision, isScoped, scopedTargets } from '../decision.ts';
import { sayUnchanged, whyNot } from '../failure.ts';
import { identify } from '../kernel/stat.ts';
import { leadersOf } from '../kernel/target.ts';
import { hasOwnAction } from '../root/helper.ts';
import type { Tool } from '../tools/tool.ts';
import { whyNotLetIn } from './let-in.ts';
import type { Remedy } from './remedy.ts';

/** Attach now: has each target let in this very tool, which then runs as it was typed. The scope stays 1. */
export const permit: Remedy = {
  id: 'permit',
  about: 'have the targets let this tool in; the scope stays 1',
  offer: ({ tool, decision, elevator }) => ({
    reason: whyNoPermission(tool, decision) ?? whyNot(elevator),
    ...(decision.intent.kind === 'launch' ? {} : { name: 'Attach now' }),
    does: () => `this ${tool.name} alone (${sayPassword()}); scope stays 1`,
    helper: 'ptrace-permit',
    remembered: { answers: ['attach', 'permit'], failure: `${tool.name} cannot be let in` },
    inSession: true,
    async carryOut({ tracer }, voice) {
      const { givePermission } = await import('../root/give-permission.ts');
      const targets = leadersOf(scopedTargets(decision));
      const why = await givePermission(targets, identify(tracer), elevator, voice);
      if (why === undefined) return {};
      voice.say(`ptrace-shim: ${sayUnchanged(why)}`);
      return undefined;
    },
  }),
};

/** Why a permission cannot help; undefined where it can. The helper looks for itself, and more closely. */
export function whyNoPermission(tool: Tool, decision: Decision): string | undefined {
  const { scope, intent } = decision;
  if (!isScoped(decision)) return 'the scope is not the cause';
  if (intent.kind !== 'attach') return 'there is no process to attach to';
  return whyNotLetIn(scope, scopedTargets(decision), tool);
}

/** A package's helper has a polkit action of its own, which takes the person's own password. */
function sayPassword(): string {
  return hasOwnAction('ptrace-permit') ? 'your password' : 'admin password';
}
