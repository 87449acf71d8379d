import { type Grammar, parse } from './getopt.ts';
import { attachTo, OTHER } from './intent.ts';
import { readPidAnyBase } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/** scanmem 0.13 to 0.17: attaches for each search. The `pid` command at its prompt is not seen. */
export const scanmem: Tool = {
  name: 'scanmem',
  package: 'scanmem',
  pids: { after: ['-p', '--pid'], operand: 'any', files: ['-c'] },
  recognise,
};

const GRAMMAR: Grammar = {
  short: 'vhbdp:c:',
  long: {
    pid: 'p:',
    version: 'v',
    help: 'h',
    backend: 'b',
    debug: 'd',
    command: 'c:',
    errexit: 'e',
  },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined || parsed.options.some(({ key }) => key === 'v' || key === 'h')) return OTHER;
  const [at] = parsed.operands; // it beats -p
  const text = at === undefined ? parsed.options.findLast(({ key }) => key === 'p')?.value : words[at];
  const pid = text === undefined ? undefined : readPidAnyBase(text);
  const driven = parsed.options.some(({ key }) => key === 'b') ? { driven: true } : {};
  return attachTo(pid, 'until-exit', driven);
}
