import { type Grammar, parse } from './getopt.ts';
import { attachTo, OTHER } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/**
 * austin 1 to 3 (src/argparse.c): reads the memory of a Python program again and again. Of the children that `-C` adds the
 * command line says nothing.
 */
export const austin: Tool = {
  name: 'austin',
  package: 'austin',
  pids: { after: ['-p', '--pid', '-w', '--where'] },
  recognise,
};

/** argp. What is not an option begins a command to start, and all that follows is that command's. */
const GRAMMAR: Grammar = {
  stopAtOperand: true,
  short: 'abCefgh:i:kmo:p:Pst:w:x:?V',
  long: {
    'alt-format': 'a',
    binary: 'b',
    children: 'C',
    'exclude-empty': 'e',
    full: 'f',
    gc: 'g',
    heap: 'h:',
    interval: 'i:',
    kernel: 'k',
    memory: 'm',
    output: 'o:',
    pid: 'p:',
    pipe: 'P',
    sleepless: 's',
    timeout: 't:',
    where: 'w:',
    exposure: 'x:',
    help: '?',
    usage: '?',
    version: 'V',
  },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined || parsed.operands.length > 0) return OTHER;
  if (parsed.options.some(({ key }) => key === '?' || key === 'V')) return OTHER;
  const pid = readWhole(parsed.options.findLast(({ key }) => key === 'p' || key === 'w')?.value ?? '');
  return attachTo(pid, 'until-exit');
}
