import { type Grammar, type Option, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/**
 * lldb 14 to 21. Its tracer is a child, lldb-server, which a permission for lldb covers. What it attaches to by commands in
 * files or at its prompt is not seen, and neither is the process that `--wait-for` waits for.
 */
export const lldb: Tool = {
  name: 'lldb',
  package: 'lldb',
  pids: { after: ['-p', '--attach-pid'], known: ['zsh'] },
  recognise,
};

/** lldb/tools/driver/Options.td: a value is the next word, and only `--repl=` has one glued to it. */
const GRAMMAR: Grammar = {
  longOnly: true,
  exact: true,
  short: '',
  long: {
    n: 'n:',
    'attach-name': 'n:',
    p: 'p:',
    'attach-pid': 'p:',
    w: 'w',
    'wait-for': 'w',
    waitfor: 'w',
    b: 'b',
    batch: 'b',
    K: 'K:',
    'source-on-crash': 'K:',
    k: 'k:',
    'one-line-on-crash': 'k:',
    o: 'o:',
    'one-line': 'o:',
    O: 'O:',
    'one-line-before-file': 'O:',
    s: 's:',
    source: 's:',
    S: 'S:',
    'source-before-file': 'S:',
    Q: 'Q',
    'source-quietly': 'Q',
    x: 'x',
    'no-lldbinit': 'x',
    'local-lldbinit': 'local-lldbinit',
    a: 'a:',
    arch: 'a:',
    c: 'c:',
    core: 'c:',
    capture: 'capture',
    'capture-path': 'capture-path:',
    replay: 'replay:',
    d: 'd',
    debug: 'd',
    e: 'e',
    editor: 'e',
    f: 'f:',
    file: 'f:',
    h: 'h',
    help: 'h',
    X: 'X',
    'no-use-colors': 'X',
    v: 'v',
    version: 'v',
    r: 'r::',
    repl: 'r::',
    R: 'R:',
    'repl-language': 'R:',
    l: 'l:',
    'script-language': 'l:',
    P: 'P',
    'python-path': 'P',
    'print-script-interpreter-info': 'P',
  },
};

function recognise(words: readonly string[], { env, find }: Surroundings): Intent {
  // Options may follow the program, whatever the environment says.
  const parsed = parse(words, GRAMMAR, { ...env, POSIXLY_CORRECT: undefined });
  if (parsed === undefined || parsed.options.some(isRejected)) return OTHER;
  const { options, operands } = parsed;
  const has = (key: string) => options.some((option) => option.key === key);
  const last = (key: string) => options.findLast((option) => option.key === key)?.value;
  if (has('h') || has('v') || has('P') || has('w')) return OTHER;

  const pid = last('p');
  const name = last('n');
  const commands = options.filter(({ key }) => key === 'O' || key === 'o').map(({ value }) => value!);
  const targets = [
    ...(pid !== undefined && /^\d+$/.test(pid) ? [Number(pid)] : []),
    ...(name !== undefined && pid === undefined ? onlyOne(find(name)) : []),
    ...commands.flatMap(readAttach),
  ].filter((target) => target > 0);
  if (targets.length > 0) {
    return { kind: 'attach', targets: [...new Set(targets)], threads: 'all', attaching: 'once' };
  }
  const program = operands.length > 0 || has('f');
  return program && commands.some((command) => RUN.test(command)) ? { kind: 'launch' } : OTHER;
}

/** A value glued to a name that takes the next word is a usage error. */
function isRejected({ key, value, span }: Option): boolean {
  return value !== undefined && span === 1 && key !== 'r';
}

/** lldb does not choose among several processes of one name: it fails. */
function onlyOne(pids: readonly number[]): readonly number[] {
  return pids.length === 1 ? pids : [];
}

/** `process attach --pid 12`, `process attach -p 12`, `attach -p 12`, `attach 12`, shortened as lldb permits. */
function readAttach(command: string): number[] {
  const [, pid] =
    /^\s*(?:(?:process|proc?|pr)\s+)?(?:attach|attac|atta|att|at)\s+(?:-p\s*|--pid[ =]\s*)?(\d+)\s*$/.exec(
      command,
    ) ?? [];
  return pid === undefined ? [] : [Number(pid)];
}

const RUN = /^\s*(r|run|process launch|process la)\b/;
