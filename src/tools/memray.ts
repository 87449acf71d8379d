import { type Grammar, parse } from './getopt.ts';
import { attachTo } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Tool } from './tool.ts';

/** memray 1.20: `attach` and `detach` have Python 3.14 run code, or an older one by gdb or lldb. */
export const memray: Tool = {
  name: 'memray',
  package: 'python3-memray',
  pids: { after: ['attach', 'detach'] },
  recognise,
};

/** argparse, whose long options may be shortened as getopt's. */
const GRAMMAR: Grammar = {
  short: 'ho:fv',
  long: {
    method: 'method:',
    verbose: 'v',
    output: 'o:',
    force: 'f',
    aggregate: 'aggregate',
    native: 'native',
    'follow-fork': 'follow-fork',
    'trace-python-allocators': 'trace-python-allocators',
    'compress-on-exit': 'compress-on-exit',
    'no-compress': 'no-compress',
    duration: 'duration:',
    help: 'h',
  },
};

function recognise(words: readonly string[]): Intent {
  const [command, ...rest] = words;
  const parsed = command === 'attach' || command === 'detach' ? parse(rest, GRAMMAR, {}) : undefined;
  const [at, ...more] = parsed?.operands ?? [];
  const helps = parsed?.options.some(({ key }) => key === 'h');
  const pid = at === undefined || more.length > 0 || helps ? undefined : readWhole(rest[at]!);
  return attachTo(pid, 'once');
}
