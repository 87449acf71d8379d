import { type Grammar, parse } from './getopt.ts';
import { attachTo, OTHER } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Tool } from './tool.ts';

/** dlv (Delve) 1.20 to 1.27: `dlv attach PID`, `dlv trace -p PID`. What a client of `dlv dap` attaches to is not seen. */
export const dlv: Tool = { name: 'dlv', package: 'delve', recognise };

/** Flags stand anywhere (pflag), and a switch may have a value glued to it. */
const GRAMMAR: Grammar = {
  exact: true,
  short: 'p:l:r:e:s:t::h::',
  long: {
    pid: 'p:',
    'accept-multiclient': 'switch::',
    'allow-non-terminal-interactive': 'switch::',
    'api-version': 'value:',
    backend: 'value:',
    'build-flags': 'value:',
    'check-go-version': 'switch::',
    'disable-aslr': 'switch::',
    headless: 'switch::',
    help: 'h::',
    init: 'value:',
    listen: 'l:',
    log: 'switch::',
    'log-dest': 'value:',
    'log-output': 'value:',
    'only-same-user': 'switch::',
    redirect: 'r:',
    'rr-cleanup': 'switch::',
    wd: 'value:',
    continue: 'switch::',
    waitfor: 'waitfor:',
    'waitfor-interval': 'value:',
    'waitfor-duration': 'value:',
    ebpf: 'switch::',
    exec: 'e:',
    'follow-calls': 'value:',
    output: 'value:',
    stack: 's:',
    test: 't::',
    timestamp: 'switch::',
    tty: 'value:',
  },
};

function recognise(words: readonly string[]): Intent {
  const parsed = parse(words, GRAMMAR, {});
  if (parsed === undefined) return OTHER;
  const { options, operands } = parsed;
  const value = (wanted: string) => options.findLast(({ key }) => key === wanted);
  const [command, first] = operands.map((at) => words[at]!);
  if (value('h') || value('waitfor')) return OTHER;
  if (command === 'exec' && first !== undefined) return { kind: 'launch' };
  const text = command === 'attach' ? first : command === 'trace' ? value('p')?.value : undefined;
  const pid = text === undefined ? undefined : readWhole(text);
  return attachTo(pid, 'once');
}
