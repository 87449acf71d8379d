import type { Voice } from '../say/voice.ts';
import { type OnRefusal, readSaid, settingsFile, writeSettings } from '../settings.ts';
import type { ToolName } from '../tools/tool.ts';

/**
 * Keeps an answer for later. When the settings file cannot be read or written, we say so and go on. A broken file stays as
 * it is, because the person wrote it. We say nothing about `ask`, which stands for "just this once".
 */
export function remember(whose: ToolName | 'all', answer: OnRefusal, voice: Voice): void {
  const { said, problem } = readSaid();
  const tell = (text: string) => answer !== 'ask' && voice.say(text);
  if (problem !== undefined) {
    tell(`ptrace-shim: not remembered: ${problem}`);
    return;
  }
  // "Always" means always: an older answer for one tool would contradict it.
  const onRefusal = whose === 'all' ? { all: answer } : { ...said.onRefusal, [whose]: answer };
  try {
    writeSettings({ ...said, onRefusal });
    tell(`ptrace-shim: remembered; 'ptrace-shim config' shows and forgets it`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    tell(`ptrace-shim: not remembered: cannot write ${settingsFile()}: ${code}`);
  }
}
