import { isScoped, scopedTargets } from '../decision.ts';
import { readStatus } from '../kernel/proc-status.ts';
import { identify } from '../kernel/stat.ts';
import type { WaitFor } from '../root/arm-window.ts';
import type { Intent, Tool } from '../tools/tool.ts';
import type { Remedy } from './remedy.ts';

/**
 * The one-shot sysctl: gets a window ready, and plans to open it at the last moment: by the tool itself if it can, else
 * right before exec.
 */
export const window: Remedy = ({ tool, decision, settings, noRoot }) => ({
  id: 'window',
  obstacle: isScoped(decision) ? noRoot : 'the scope is not the cause',
  name: decision.intent.kind === 'launch' ? 'Launch now' : 'Lower the scope',
  does: () => `whole machine (admin password), ${sayHowLong(decision.intent, settings.deadline)}`,
  failure: 'the scope cannot be lowered',
  helper: 'ptrace-scope-window',
  answer: 'window',
  async carryOut({ words, tracer, surroundings }, voice) {
    const { armWindow } = await import('../root/arm-window.ts');
    const request = {
      targets: scopedTargets(decision),
      tracer: identify(tracer),
      waitFor: waitFor(tool, decision.intent),
      deadline: settings.deadline,
      elevate: settings.elevate,
    };
    const window = await armWindow(request, voice);
    if ('reason' in window) {
      voice.say(`ptrace-shim: ${window.reason}; nothing was changed`);
      return undefined;
    }
    const gated = tool.gate?.(words, window.open, surroundings);
    return gated ? { words: gated } : { open: window.open };
  },
});

/** A tool that attaches again and again keeps the scope lowered for as long as it runs: that is to be known before. */
function sayHowLong(intent: Intent, deadline: number): string {
  if (intent.kind === 'launch') return 'until it is traced';
  const again = intent.kind === 'attach' && intent.attaching === 'until-exit';
  return again ? `for ${deadline} s at most` : 'until attached';
}

function waitFor(tool: Tool, intent: Intent): WaitFor {
  if (intent.kind !== 'attach') return 'child';
  if (intent.attaching === 'until-exit') return 'exit';
  const [first] = intent.targets;
  if (tool.takesThreadAlone && first !== undefined && readStatus(first)?.tgid !== first) return 'named';
  return intent.threads;
}
