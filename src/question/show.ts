import { type Helper, readHelper } from '../root/helper.ts';
import { readCircumstances } from '../say/circumstances.ts';
import { explain } from '../say/explanation.ts';
import type { Voice } from '../say/voice.ts';

/** Both lead back to the question. */
export async function showExplanation(voice: Voice): Promise<undefined> {
  for (const line of explain(await readCircumstances())) voice.say(line);
  voice.say('');
}

/** The helper, word for word. */
export async function showHelper(helper: Helper, voice: Voice): Promise<undefined> {
  voice.say(readHelper(helper).trimEnd());
  voice.say('');
}
