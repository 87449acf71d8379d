import { type Grammar, type Option, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import { readPositiveAnyBase } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/** ltrace 0.7.3 (options.c): attaches to every thread of each process that a -p names. */
export const ltrace: Tool = {
  name: 'ltrace',
  package: 'ltrace',
  pids: { after: ['-p'], known: ['zsh'] },
  recognise,
};

const GRAMMAR: Grammar = {
  stopAtOperand: true,
  short: 'cfhiLrStTVbCa:A:D:e:F:l:n:o:p:s:u:x:X:w:',
  long: {
    align: 'a:',
    config: 'F:',
    debug: 'D:',
    demangle: 'C',
    indent: 'n:',
    help: 'h',
    library: 'l:',
    output: 'o:',
    version: 'V',
    'no-signals': 'b',
    where: 'w:',
  },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined) return OTHER;
  const { options, operands } = parsed;
  const has = (key: string) => options.some((option) => option.key === key);
  if (has('h') || has('V') || (has('r') && has('t')) || options.some(isBad)) return OTHER;
  const named = options.filter(({ key }) => key === 'p').map(({ value }) => readPositiveAnyBase(value!));
  if (named.includes(undefined)) return OTHER; // it says so, and ends
  const targets = [...new Set(named as number[])].filter((pid) => pid > 0);
  const launches = operands.length > 0;
  if (targets.length === 0) return launches ? { kind: 'launch' } : OTHER;
  return { kind: 'attach', targets, threads: 'all', attaching: 'once', ...(launches && { launches }) };
}

/** It accepts no deeper indent. */
function isBad({ key, value }: Option): boolean {
  return key === 'n' && !/^(\d|1\d|20)$/.test(value!);
}
