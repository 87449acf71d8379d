import { renderPlan } from '../handover/plan.ts';
import type { Refusal } from '../refusal.ts';
import { renderHint } from '../say/headline.ts';
import { openVoice } from '../say/voice.ts';
import { ask } from './ask.ts';

/** Says what is to be said on descriptor `fd`, asks where somebody is to be asked, and returns the plan in sh. */
export async function answer(refusal: Refusal, fd: number): Promise<string> {
  const voice = openVoice(fd);
  // The libraries look at stdout, which is the pipe for the plan, to decide about colours.
  if (voice.colors.isColorSupported) process.env.FORCE_COLOR ??= '1';
  if (refusal.decision.would === 'ask') return ask(refusal, voice);
  voice.say(renderHint(refusal));
  return renderPlan({});
}
