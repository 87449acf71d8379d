import { type Plan, renderPlan } from '../handover/plan.ts';
import type { Refusal } from '../refusal.ts';
import { renderHint } from '../say/headline.ts';
import { openVoice } from '../say/voice.ts';
import { ask, carryOutUnasked, talk } from './ask.ts';

/** Says what is to be said on descriptor `fd`, asks where somebody is to be asked, and returns the plan in sh. */
export async function answer(refusal: Refusal, fd: number): Promise<string> {
  const voice = openVoice(fd);
  if (refusal.decision.would === 'ask') return ask(refusal, voice);
  const plan = await carryOutUnasked(refusal, voice);
  if (plan === undefined) voice.say(renderHint(refusal));
  return renderPlan(plan ?? {});
}

/** Asks for a tool that runs already. Of the plan only the line that opens a window is left to do. Rejects on Ctrl-C. */
export async function answerInSession(refusal: Refusal, fd: number): Promise<Pick<Plan, 'open'>> {
  return talk(refusal, openVoice(fd));
}
