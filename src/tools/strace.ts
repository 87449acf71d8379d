import { type Grammar, type Option, type Parsed, parse } from './getopt.ts';
import { OTHER } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Passage, PlanWord, Program, Surroundings, Tool } from './tool.ts';

/** strace. The grammar is the union of 4.20 to 7.2 (src/strace.c); a version that lacks an option says so itself. */
export const strace: Tool = { name: 'strace', package: 'strace', recognise, relaunch, passage };

const GRAMMAR: Grammar = {
  stopAtOperand: true,
  short: 'a:Ab:cCdDe:E:fFhiI:knNo:O:p:P:qrs:S:tTu:U:vVwxX:yYzZ',
  long: {
    columns: 'a:',
    'output-append-mode': 'A',
    'detach-on': 'b:',
    'summary-only': 'c',
    summary: 'C',
    debug: 'd',
    daemonize: 'daemonize::',
    daemonised: 'daemonize::',
    daemonized: 'daemonize::',
    env: 'E:',
    'follow-forks': 'follow-forks',
    'output-separately': 'output-separately',
    help: 'h',
    'instruction-pointer': 'i',
    interruptible: 'I:',
    'kill-on-exit': 'kill-on-exit',
    'stack-trace': 'k::',
    'stack-traces': 'k::',
    'stack-trace-frame-limit': 'stack-trace-frame-limit:',
    'syscall-limit': 'syscall-limit:',
    'syscall-number': 'n',
    'arg-names': 'N',
    output: 'o:',
    'summary-syscall-overhead': 'O:',
    attach: 'p:',
    'trace-path': 'P:',
    'relative-timestamps': 'r::',
    'string-limit': 's:',
    'summary-sort-by': 'S:',
    'absolute-timestamps': 'timestamps::',
    timestamps: 'timestamps::',
    'syscall-times': 'T::',
    user: 'u:',
    'summary-columns': 'U:',
    'no-abbrev': 'v',
    version: 'V',
    'summary-wall-clock': 'w',
    'strings-in-hex': 'strings-in-hex::',
    'const-print-style': 'X:',
    'pidns-translation': 'pidns-translation',
    'successful-only': 'z',
    'failed-only': 'Z',
    'failing-only': 'Z',
    'seccomp-bpf': 'seccomp-bpf',
    tips: 'tips::',
    argv0: 'argv0:',
    'always-show-pid': 'always-show-pid',
    color: 'color:',
    trace: 'trace:',
    'trace-fds': 'trace-fds:',
    abbrev: 'abbrev:',
    verbose: 'verbose:',
    raw: 'raw:',
    signals: 'signals:',
    status: 'status:',
    read: 'read:',
    write: 'write:',
    fault: 'fault:',
    inject: 'inject:',
    kvm: 'kvm:',
    namespace: 'namespace::',
    quiet: 'quiet::',
    silent: 'quiet::',
    silence: 'quiet::',
    'decode-fds': 'decode-fds::',
    'decode-pids': 'decode-pids:',
    secontext: 'secontext::',
  },
};

function recognise(words: readonly string[], { env }: Surroundings): Intent {
  const parsed = parse(words, GRAMMAR, env);
  if (parsed === undefined) return OTHER;
  const targets = readTargets(parsed.options);
  const launches = parsed.operands.length > 0;
  if (targets === undefined || isRejected(words, parsed, targets.length > 0)) return OTHER;

  if (targets.length === 0) return launches ? { kind: 'launch' } : OTHER;
  return {
    kind: 'attach',
    targets,
    threads: parsed.options.some(({ key }) => FOLLOWS.has(key)) ? 'all' : 'named',
    attaching: 'once',
    ...(launches && { launches }),
  };
}

const FOLLOWS = new Set(['f', 'F', 'follow-forks']);

/**
 * All that -p and --attach name, or undefined when an element is no process id, which ends strace at once. Empty
 * elements are skipped, as from 6.8; older ones end with their own message.
 */
function readTargets(options: readonly Option[]): number[] | undefined {
  const elements = options
    .filter(({ key }) => key === 'p')
    .flatMap(({ value }) => value!.split(/[,\t\n ]/))
    .filter((element) => element !== '')
    .map(readWhole);
  return elements.every((pid) => pid !== undefined && pid > 0)
    ? [...new Set(elements as number[])]
    : undefined;
}

/**
 * Would strace print and exit before it attaches? The values that -e, -X and their like accept, and whether PROG
 * exists, are left to strace; but `-attach 12` is a likely slip, and is -a with the value `ttach`.
 */
function isRejected(words: readonly string[], { options, operands }: Parsed, attaches: boolean): boolean {
  const count = (key: string) => options.filter((option) => option.key === key).length;
  const has = (...keys: string[]) => keys.some((key) => count(key) > 0);
  const isBad = ({ key, value }: Option) => !(ACCEPTS[key]?.(readWhole(value!)) ?? true);
  // A single -f takes --output-separately back (strace 6.1).
  const separately = count('f') > 1 || (!has('f') && has('output-separately'));
  const summary = has('c', 'C');
  return (
    has('h', 'V') ||
    options.some(isBad) ||
    EXCLUSIVE.some(([one, other]) => has(one) && has(other)) ||
    (operands.length === 0 ? has('D', 'daemonize', 'argv0') : words[operands[0]!] === '') ||
    (attaches && has('kill-on-exit')) ||
    count('D') > 3 ||
    (count('f') > 1 && has('output-separately')) ||
    (summary ? separately : has('w', 'U'))
  );
}

const EXCLUSIVE = [
  ['c', 'C'],
  ['D', 'daemonize'],
  ['f', 'follow-forks'],
  ['q', 'quiet'],
  ['t', 'timestamps'],
  ['x', 'strings-in-hex'],
  ['y', 'decode-fds'],
] as const;

/** What the options with a number accept. */
const ACCEPTS: Readonly<Record<string, (number: number | undefined) => boolean>> = {
  a: (columns) => columns !== undefined,
  s: (length) => length !== undefined && length <= 0x3fffffff,
  I: (interruptible = 0) => interruptible >= 1 && interruptible <= 4,
};

/**
 * strace has no way to start a program by something else that would not be traced as well. -E is its only other way to
 * set a variable, and stands on its command line: so it is for those alone that would steer strace.
 */
function passage(name: string): Passage {
  if (name.startsWith('DEBUGINFOD_')) return 'none'; // a URL may hold a password; -k asks there
  return STEERING.has(name) ? 'words' : 'environment';
}

/** All of them are switches, numbers and paths. */
const STEERING = new Set([
  // The dynamic loader and the C library: ld.so(8), mallopt(3), gconv(5), locale(7), tzset(3).
  ...['LD_ASSUME_KERNEL', 'LD_AUDIT', 'LD_BIND_NOT', 'LD_BIND_NOW', 'LD_DEBUG', 'LD_DEBUG_OUTPUT'],
  ...['LD_DYNAMIC_WEAK', 'LD_HWCAP_MASK', 'LD_LIBRARY_PATH', 'LD_ORIGIN_PATH', 'LD_POINTER_GUARD'],
  ...['LD_PREFER_MAP_32BIT_EXEC', 'LD_PRELOAD', 'LD_PROFILE', 'LD_PROFILE_OUTPUT', 'LD_SHOW_AUXV'],
  ...['LD_TRACE_LOADED_OBJECTS', 'LD_TRACE_PRELINKING', 'LD_USE_LOAD_BIAS', 'LD_VERBOSE', 'LD_WARN'],
  ...['GLIBC_TUNABLES', 'MALLOC_ARENA_MAX', 'MALLOC_ARENA_TEST', 'MALLOC_CHECK_', 'MALLOC_MMAP_MAX_'],
  ...['MALLOC_MMAP_THRESHOLD_', 'MALLOC_PERTURB_', 'MALLOC_TOP_PAD_', 'MALLOC_TRIM_THRESHOLD_'],
  ...['GCONV_PATH', 'LOCPATH', 'NLSPATH', 'TZ', 'TZDIR'],
  // -o '|command', and how the terminal is drawn on.
  ...['PATH', 'TERM', 'COLORTERM', 'NO_COLOR'],
  // -k: where debug information is kept, and what the libraries that fetch it load.
  ...['HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_DIRS', 'XDG_CONFIG_HOME', 'XDG_DATA_DIRS', 'XDG_DATA_HOME'],
  ...['XDG_RUNTIME_DIR', 'XDG_STATE_HOME', 'OPENSSL_CONF', 'OPENSSL_ENGINES', 'OPENSSL_MODULES'],
  ...['SSL_CERT_DIR', 'SSL_CERT_FILE'],
  // The shells on the way set these.
  ...['COLUMNS', 'LINES', 'OLDPWD', 'PWD', 'SHELL', 'SHLVL', '_'],
]);

/** The same options without the attach, then the program; -E sets what strace is not to see. */
function relaunch(words: readonly string[], program: Program, { env }: Surroundings): PlanWord[] {
  const { options = [], end = 0 } = parse(words, GRAMMAR, env) ?? {};
  const kept: PlanWord[] = words.slice(0, end).map((_, index) => index + 1);
  for (const { key, word, offset, span } of options) {
    if (key !== 'p') continue;
    const cluster = words[word]!.slice(0, offset);
    kept[word] = cluster.length > 1 ? cluster : DROPPED;
    if (span === 2) kept[word + 1] = DROPPED;
  }
  const environment = [...program.env].flatMap(([name, value]) => [
    '-E',
    value === undefined ? name : `${name}=${value}`,
  ]);
  return [
    ...kept.filter((word) => word !== DROPPED),
    ...environment,
    '--',
    asPath(program.file),
    ...program.args,
  ];
}

const DROPPED = 0;

/** strace looks a bare name up in PATH. */
function asPath(file: string): string {
  return file.includes('/') ? file : `./${file}`;
}
