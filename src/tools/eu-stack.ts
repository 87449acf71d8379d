import { type Grammar, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import { readLeniently } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/** eu-stack of elfutils: attaches to each thread in turn, briefly, and cannot launch. */
export const euStack: Tool = { name: 'eu-stack', package: 'elfutils', recognise };

/** argp's reading of src/stack.c and libdwfl/argp-std.c, elfutils 0.192, with argp's own hidden options. */
const GRAMMAR: Grammar = {
  short: 'p:n:e:S:1abdilmqrsvc?V',
  long: {
    pid: 'p:',
    executable: 'e:',
    core: 'core:',
    'debuginfo-path': 'debuginfo-path:',
    sysroot: 'S:',
    'cfi-type': 'c',
    activation: 'a',
    'build-id': 'b',
    debugname: 'd',
    inlines: 'i',
    'list-modules': 'l',
    module: 'm',
    quiet: 'q',
    raw: 'r',
    source: 's',
    verbose: 'v',
    help: '?',
    usage: 'usage',
    version: 'V',
    'program-name': 'program-name:',
    HANG: 'HANG::',
  },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined || parsed.operands.length > 0) return OTHER;

  let pid = 0;
  let threads: 'all' | 'named' = 'all';
  for (const { key, value } of parsed.options) {
    if (key === 'p') {
      pid = readLeniently(value!);
      if (pid === 0) return OTHER; // even when another -p follows
    } else if (key === '1') threads = 'named';
    else if (NOT_AN_ATTACH.has(key)) return OTHER;
  }
  return pid <= 0 ? OTHER : { kind: 'attach', targets: [pid], threads, attaching: 'until-exit' };
}

/** Those that print and exit, and those that contradict -p. */
const NOT_AN_ATTACH = new Set(['?', 'usage', 'V', 'core', 'e']);
