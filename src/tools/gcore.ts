import { readTarget } from './gdb.ts';
import { type Grammar, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/** gcore of gdb, a script: gives one process after another to the gdb beside it, which attaches. Read as in gdb 10 to 18. */
export const gcore: Tool = {
  name: 'gcore',
  package: 'gdb',
  pids: { operand: 'any', files: ['-o', '-d', '-g'] },
  recognise,
};

/** bash's getopts knows no long options, but gcore 16 takes the two that begin with `--`. */
const GRAMMAR: Grammar = {
  stopAtOperand: true,
  exact: true,
  short: 'ao:g:d:hv',
  long: { help: 'h', version: 'v' },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined || parsed.options.some(({ key }) => key === 'h' || key === 'v')) return OTHER;
  const pids = parsed.operands.map((at) => readTarget(words[at]!.replace(/[ \t]+$/, ''))); // it is a command to gdb
  const first = pids.indexOf(undefined); // gdb fails there, and gcore ends
  const targets = [...new Set(pids.slice(0, first < 0 ? undefined : first) as number[])];
  return targets.length === 0 ? OTHER : { kind: 'attach', targets, threads: 'all', attaching: 'until-exit' };
}
