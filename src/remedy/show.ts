import { readScope } from '../kernel/scope.ts';
import { readRelease, readScopePackages } from '../setup/release.ts';
import { explain } from './explain.ts';
import { readHelper } from './helper.ts';
import type { Voice } from './speak.ts';

/** Both lead back to the question. */
export async function showExplanation(voice: Voice): Promise<undefined> {
  const release = readRelease();
  const packages = await readScopePackages();
  for (const line of explain({ scope: readScope(), release, packages })) voice.say(line);
  voice.say('');
}

/** The helper, word for word. */
export async function showHelper(voice: Voice): Promise<undefined> {
  voice.say(readHelper('ptrace-scope-window').trimEnd());
  voice.say('');
}
