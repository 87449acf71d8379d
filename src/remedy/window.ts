import { type Decision, isScoped, scopedTargets } from '../decision.ts';
import { sayUnchanged, whyNot } from '../failure.ts';
import { identify } from '../kernel/stat.ts';
import type { WaitFor } from '../root/arm-window.ts';
import type { Intent, Tool } from '../tools/tool.ts';
import type { Remedy } from './remedy.ts';

/**
 * The one-shot sysctl: gets a window ready, and plans to open it at the last moment: by the tool itself if it can, else
 * right before exec.
 */
export const window: Remedy = {
  id: 'window',
  about: 'lower the scope for the attach, as root',
  offer: ({ tool, decision, settings, elevator }) => ({
    reason: isScoped(decision) ? whyNot(elevator) : 'the scope is not the cause',
    name: decision.intent.kind === 'launch' ? 'Launch now' : 'Lower the scope',
    does: () => `whole machine (admin password), ${sayHowLong(decision.intent, settings.deadline)}`,
    helper: 'ptrace-scope-window',
    remembered: { answers: ['window', 'attach'], failure: 'the scope cannot be lowered' },
    inSession: true,
    async carryOut({ words, tracer, surroundings }, voice) {
      const { armWindow } = await import('../root/arm-window.ts');
      const request = {
        targets: scopedTargets(decision),
        tracer: identify(tracer),
        waitFor: waitFor(tool, decision),
        deadline: settings.deadline,
        elevator,
      };
      const armed = await armWindow(request, voice);
      if ('reason' in armed) {
        voice.say(`ptrace-shim: ${sayUnchanged(armed)}`);
        return undefined;
      }
      const gated = decision.inSession ? undefined : tool.gate?.(words, armed.open, surroundings);
      return gated ? { words: gated } : { open: armed.open };
    },
  }),
};

/** A tool that attaches again and again keeps the scope lowered for as long as it runs: that is to be known before. */
function sayHowLong(intent: Intent, deadline: number): string {
  if (intent.kind === 'launch') return 'until it is traced';
  const again = intent.kind === 'attach' && intent.attaching === 'until-exit';
  return again ? `${deadline} s at most` : 'until attached';
}

/** What of the attach the window waits for. */
export function waitFor(tool: Tool, decision: Decision): WaitFor {
  const { intent } = decision;
  if (intent.kind !== 'attach') return 'child';
  if (intent.attaching === 'until-exit') return 'exit';
  const [first] = scopedTargets(decision);
  if (tool.takesThreadAlone && first && first.leader.pid !== first.pid) return 'named';
  return intent.threads;
}
