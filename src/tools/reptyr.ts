import { type Grammar, parse } from './getopt.ts';
import { attachTo } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/**
 * reptyr 0.6 to 0.10: moves a running program to this terminal. `-T` attaches to the terminal emulator of the program
 * instead, which the command line does not name.
 */
export const reptyr: Tool = {
  name: 'reptyr',
  package: 'reptyr',
  pids: { after: ['-p'], operand: 'any', known: ['bash', 'zsh'] },
  recognise,
};

const GRAMMAR: Grammar = { short: 'hlLsTvV', long: {} };

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  const isAttach = parsed?.options.every(({ key }) => key === 's' || key === 'V');
  const [at] = parsed?.operands ?? [];
  const pid = isAttach && at !== undefined ? readWhole(words[at]!) : undefined;
  return attachTo(pid, 'once');
}
