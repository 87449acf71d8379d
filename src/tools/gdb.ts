import { type Grammar, type Option, type Parsed, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import { readPidAnyBase } from './number.ts';
import type { Intent, PlanWord, Program, Surroundings, Tool } from './tool.ts';

/** gdb 10 to 18. What it attaches to by commands in files, on standard input or in scripts is not seen. */
export const gdb: Tool = { name: 'gdb', package: 'gdb', takesThreadAlone: true, recognise, relaunch, gate };

/** The option table of gdb/main.c; synonyms share a key. */
const GRAMMAR: Grammar = {
  longOnly: true,
  last: 'args',
  short: '',
  long: {
    p: 'p:',
    pid: 'p:',
    c: 'c:',
    core: 'c:',
    e: 'e:',
    exec: 'e:',
    s: 's:',
    symbols: 's:',
    se: 'se:',
    d: 'd:',
    directory: 'd:',
    D: 'D:',
    'data-directory': 'D:',
    cd: 'cd:',
    b: 'b:',
    baud: 'b:',
    l: 'l:',
    ex: 'ex:',
    'eval-command': 'ex:',
    iex: 'iex:',
    'init-eval-command': 'iex:',
    eiex: 'eiex:',
    'early-init-eval-command': 'eiex:',
    x: 'x:',
    command: 'x:',
    ix: 'ix:',
    'init-command': 'ix:',
    eix: 'eix:',
    'early-init-command': 'eix:',
    i: 'i:',
    interpreter: 'i:',
    ui: 'i:',
    annotate: 'annotate:',
    tty: 'tty:',
    args: 'args',
    'no-escape-args': 'args',
    batch: 'batch',
    'batch-silent': 'batch',
    configuration: 'configuration',
    f: 'fullname',
    fullname: 'fullname',
    h: 'help',
    help: 'help',
    n: 'nx',
    nx: 'nx',
    nh: 'nh',
    nw: 'nw',
    nowindows: 'nw',
    q: 'q',
    quiet: 'q',
    silent: 'q',
    r: 'readnow',
    readnow: 'readnow',
    readnever: 'readnever',
    'return-child-result': 'return-child-result',
    statistics: 'statistics',
    tui: 'tui',
    v: 'version',
    version: 'version',
    w: 'w',
    windows: 'w',
    write: 'write',
  },
};

/** Does a program drive the gdb of this command line: MI, DAP, annotations? */
export function isDriven(words: readonly string[], env: Surroundings['env']): boolean {
  const parsed = parse(words, GRAMMAR, env);
  return parsed === undefined || isDrivenBy(parsed);
}

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const line = readLine(words, env);
  if (line === undefined) return OTHER;
  const driven = isDrivenBy(line) ? { driven: true } : {};
  const targets = line.attaches.map(({ pid }) => pid);
  if (targets.length > 0) {
    return { kind: 'attach', targets: [...new Set(targets)], threads: 'all', attaching: 'once', ...driven };
  }
  return isLaunch(line) ? { kind: 'launch', ...driven } : OTHER;
}

/** The command line, understood. */
interface Line extends Parsed {
  /** After --args: the program and its arguments. */
  readonly args: boolean;
  /** The command options in the order in which gdb runs them, up to a `quit`. */
  readonly commands: readonly Option[];
  /** In the order of trying. `option` is the -p or the -ex (-iex, -eiex); absent for the positional pid. */
  readonly attaches: readonly { readonly pid: number; readonly option: Option | undefined }[];
}

/** Undefined where gdb ends before it attaches or runs anything: a usage error, --version without a command before it. */
function readLine(words: readonly string[], env: Surroundings['env']): Line | undefined {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined) return undefined;
  const { options, operands } = parsed;
  const has = (key: string) => options.some((option) => option.key === key);
  const args = has('args');
  const tells = has('help') || has('version') || has('configuration'); // after the early init, and ends

  const attaches: { pid: number; option: Option | undefined }[] = [];
  const attach = (text: string, option?: Option) => {
    const pid = readTarget(text);
    if (pid !== undefined) attaches.push({ pid, option });
  };
  // The order of gdb/main.c: early init, init, the process on the command line, commands.
  const commands: Option[] = [];
  for (const phase of ['eiex', 'iex', 'main', 'ex']) {
    if (phase !== 'eiex' && tells) break;
    if (phase !== 'eiex' && args && operands.length === 0) break; // gdb ends: no program after --args
    if (phase === 'main') {
      if (has('p') && has('c')) break; // gdb ends: not both a process and a core file
      const option = options.findLast(({ key }) => key === 'p');
      const positional = args || has('c') ? undefined : words[operands[1] ?? -1];
      if (option) attach(option.value!, option);
      else if (positional !== undefined && /^\d/.test(positional)) attach(positional);
    }
    for (const option of options.filter(({ key }) => key === phase)) {
      const { name, rest } = readCommand(option.value!);
      if (QUIT.has(name)) return { ...parsed, args, commands, attaches };
      commands.push(option);
      if (isAttach(name)) attach(rest, option);
    }
  }
  return tells && attaches.length === 0 ? undefined : { ...parsed, args, commands, attaches };
}

/** What gdb's `attach` makes of its text, less the `&` of a background command (strip_bg_char in gdb/infcmd.c). */
export function readTarget(text: string): number | undefined {
  return readPidAnyBase(text.replace(/[ \t\n\v\f\r]*&$/, ''));
}

function readCommand(text: string): { name: string; rest: string } {
  const [, name, rest] = /^[ \t]*([\w.-]*)[ \t]*(.*?)[ \t]*$/s.exec(text)!;
  return { name: name!, rest: rest! };
}

function isAttach(name: string): boolean {
  return name.length > 1 && 'attach'.startsWith(name);
}

const QUIT = new Set(['q', 'qu', 'qui', 'quit', 'exit']);
const RUN = new Set(['r', 'run', 'start', 'starti']);
const EXECUTABLE = new Set(['file', 'exec-file']);

/** A program talks to gdb: an IDE through MI or DAP, Emacs through annotations. */
function isDrivenBy({ options }: Parsed): boolean {
  const last = (key: string) => options.findLast((option) => option.key === key)?.value;
  const annotates = Number(last('annotate') ?? 0) > 0 || options.some(({ key }) => key === 'fullname');
  return annotates || /^(mi\d*|dap)$/.test(last('i') ?? '');
}

/**
 * A run command with something to run. Who writes --args means to run it, too, unless it is a batch with no commands
 * left that could; a mere `gdb ./prog` may as well be for reading the code, and `run` at its prompt cannot be seen.
 */
function isLaunch({ options, operands, args, commands }: Line): boolean {
  const has = (...keys: string[]) => options.some(({ key }) => keys.includes(key));
  const says = (names: Set<string>) => commands.some(({ value }) => names.has(readCommand(value!).name));
  if (args && operands.length > 0 && (!has('batch') || has('x'))) return true;
  return says(RUN) && (operands.length > 0 || has('e', 'se') || says(EXECUTABLE));
}

/**
 * The same options without the attach and without the executable, which `--args` replaces. Where commands follow, the
 * program is stopped at its start first, for they were written to look at a process.
 *
 * gdb reads init files in HOME and XDG_CONFIG_HOME, and Python, Guile, readline, ncurses and debuginfod within it read what
 * no list could name: so it keeps the person's environment, and its exec-wrapper gives the program its own.
 */
function relaunch(words: readonly string[], program: Program, { env }: Surroundings): PlanWord[] {
  const line = readLine(words, env);
  const attaches = line?.attaches ?? [];
  const options = line?.options ?? [];
  const gone = new Set(
    options.filter(
      (option) => REPLACED.has(option.key) || attaches.some((attach) => attach.option === option),
    ),
  );
  const follows = options.filter(({ key }) => key === 'ex' || key === 'x');
  const wanted = follows.length > 0 || options.some(({ key }) => key === 'batch');
  const runs = line?.commands.some(({ value }) => RUN.has(readCommand(value!).name));
  const start = attaches.find(({ option }) => option?.key === 'ex')?.option ?? follows[0];

  const kept = options.flatMap((option) => [
    ...(option === start && !runs ? STOPPED_AT_START : []),
    ...(gone.has(option) || option.key === 'args' ? [] : numbersOf(option)),
  ]);
  return [
    ...kept,
    ...(wanted && start === undefined ? STOPPED_AT_START : []),
    ...(program.launcher === undefined
      ? []
      : ['-iex', 'set startup-with-shell on', '-iex', `set exec-wrapper ${program.launcher}`]),
    '--args',
    program.file.includes('/') && !/^[-~]/.test(program.file) ? program.file : `./${program.file}`,
    ...program.args,
  ];
}

/** Options that say what the process is, or which files it is made of. */
const REPLACED = new Set(['p', 'c', 'e', 's', 'se']);

/**
 * At main; without that symbol `start` fails, and the program is stopped at its first instruction. The second line is
 * `starti` when there is no thread yet, else a comment for the shell: `!#starti`.
 */
const STOPPED_AT_START = [
  '-ex',
  'with breakpoint pending off -- start',
  '-ex',
  'eval "%c%cstarti", 32 + $_thread, 32 + 3 * $_thread',
];

/**
 * Right before the attach, with the symbols read. For `-p` alone that is an -iex command: only the attach tells gdb
 * which symbols to read. With a program on the command line gdb reads its symbols between the -iex commands and the
 * attach, so there the attach becomes the first of the -ex commands. The one thing that gdb does in between is
 * ./.gdbinit; where there is one, and where gdb would take the words left for something else, the attach stays where
 * it is, and the symbols are read after `command`.
 *
 * A launch has its place before the command that runs the program; a `run` that is yet to be typed leaves none.
 *
 * gdb's `shell` runs `$SHELL -c`, which may be fish or csh: `command` holds no single quote, backslash, `!`, newline.
 */
function gate(words: readonly string[], command: string, surroundings: Surroundings): PlanWord[] | undefined {
  const line = readLine(words, surroundings.env);
  if (line === undefined) return undefined;
  const wait = `shell exec /bin/sh -c '${command}'`;
  const numbers: PlanWord[] = words.map((_, index) => index + 1);
  const [first] = line.attaches;
  if (first === undefined) {
    const run = line.commands.find(({ value }) => RUN.has(readCommand(value!).name));
    return run && numbers.toSpliced(run.word, 0, `-${run.key}`, wait);
  }

  if (first.option && first.option.key !== 'p') {
    const { key, word } = first.option;
    return numbers.toSpliced(word, 0, `-${key}`, wait);
  }
  if (!readsSymbolsFirst(line) || !isMovable(line, surroundings)) {
    return numbers.toSpliced(line.end, 0, '-iex', wait);
  }
  const gone = first.option
    ? line.options.filter(({ key }) => key === 'p').flatMap(numbersOf)
    : [line.operands[1]! + 1];
  const place = line.options.find(({ key }) => key === 'ex' || key === 'x')?.word ?? line.end;
  const text = first.option?.value ?? words[line.operands[1]!]!;
  return numbers
    .toSpliced(place, 0, '-ex', wait, '-ex', `attach ${text}`)
    .filter((word) => typeof word === 'string' || !gone.includes(word));
}

function readsSymbolsFirst({ options, operands }: Line): boolean {
  return operands.length > 0 || options.some(({ key }) => key === 's' || key === 'se');
}

function isMovable({ options, operands, args, attaches }: Line, { list }: Surroundings): boolean {
  const directory = options.findLast(({ key }) => key === 'cd')?.value ?? '.';
  const readsLocalInit = !options.some(({ key }) => key === 'nx') && list(directory).includes('.gdbinit');
  const surplus = !args && operands.length > (attaches[0]!.option ? 1 : 2);
  return !readsLocalInit && !surplus;
}

function numbersOf({ word, span }: Option): number[] {
  return span === 2 ? [word + 1, word + 2] : [word + 1];
}
