import { type Grammar, parse } from './getopt.ts';
import { attachTo, OTHER } from './intent.ts';
import { readPidAnyBase } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/** gstack of gdb 16 and later, a script: starts gdb, which attaches, prints the stacks and ends. */
export const gstack: Tool = { name: 'gstack', package: 'gdb', pids: { operand: 'any' }, recognise };

/** gstack as older systems have it, and as Fedora calls it, too. */
export const pstack: Tool = { name: 'pstack', package: 'gdb', pids: { operand: 'any' }, recognise };

const GRAMMAR: Grammar = {
  stopAtOperand: true,
  exact: true,
  short: 'hv',
  long: { help: 'h', version: 'v' },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  const [at, ...more] = parsed?.operands ?? [];
  const pid = at === undefined ? undefined : readPidAnyBase(words[at]!);
  return more.length > 0 || parsed?.options.length !== 0 ? OTHER : attachTo(pid, 'until-exit');
}
