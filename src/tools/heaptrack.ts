import { attachTo } from './intent.ts';
import { readPidOption } from './pid-option.ts';
import type { Intent, Tool } from './tool.ts';

/**
 * heaptrack, a script: injects itself by gdb. With -p it reads the sysctl itself, and gives up above 0: so only lowering the
 * scope helps.
 */
export const heaptrack: Tool = {
  name: 'heaptrack',
  package: 'heaptrack',
  pids: { after: ['-p', '--pid'] },
  readsScope: true,
  recognise,
};

function recognise(words: readonly string[]): Intent {
  // Behind the program, or behind -a, the words are not heaptrack's.
  const end = words.findIndex((word, at) => word === '-a' || word === '--analyze' || isProgram(words, at));
  const pid = readPidOption(end < 0 ? words : words.slice(0, end));
  return attachTo(pid, 'once');
}

function isProgram(words: readonly string[], at: number): boolean {
  return !words[at]!.startsWith('-') && !TAKES_VALUE.has(words[at - 1] ?? '');
}

const TAKES_VALUE = new Set(['-p', '--pid', '-o', '--output']);
