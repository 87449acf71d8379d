import type { Plan } from '../handover/plan.ts';
import { isScopeCause } from '../kernel/cause.ts';
import { identify, type Process } from '../kernel/stat.ts';
import type { Settings } from '../settings.ts';
import type { Intent } from '../tools/tool.ts';
import type { Refusal } from './refusal.ts';
import type { Voice } from './speak.ts';
import { armWindow, type WaitFor } from './window.ts';

/** Gets a window ready, and plans to open it at the last moment: by the tool itself if it can, else right before exec. */
export async function attach(refusal: Refusal, settings: Settings, voice: Voice): Promise<Plan | undefined> {
  const { tool, words, tracer, surroundings, decision } = refusal;
  const window = await armWindow(
    {
      tool: tool.name,
      targets: decision.intent.kind === 'attach' ? listTargets(refusal) : [],
      tracer: identify(tracer),
      waitFor: waitFor(decision.intent),
      deadline: settings.deadline,
      elevate: settings.elevate,
    },
    voice,
  );
  if (window.kind !== 'armed') {
    voice.say(`ptrace-shim: ${window.message}; nothing was changed`);
    return undefined;
  }
  const gated = tool.gate?.(words, window.open, surroundings);
  return gated ? { words: gated } : { open: window.open };
}

/** Those that only the scope keeps from being traced: waiting for the others would be waiting for the deadline. */
function listTargets({ decision }: Refusal): Process[] {
  const { intent, verdicts, started } = decision;
  const targets = intent.kind === 'attach' ? intent.targets : [];
  return verdicts
    .filter(({ pid, cause }) => isScopeCause(cause) && targets.includes(pid))
    .map(({ pid }) => ({ pid, startTime: started.get(pid) ?? 0 }));
}

function waitFor(intent: Intent): WaitFor {
  if (intent.kind !== 'attach') return 'child';
  if (intent.attaching === 'until-exit') return 'exit';
  return intent.threads;
}
