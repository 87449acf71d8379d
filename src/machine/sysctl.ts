import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listDirectory } from '../file-system.ts';
import type { Scope } from '../kernel/cause.ts';
import { readText } from '../kernel/read.ts';
import { readScope } from '../kernel/scope.ts';

/** What the scope will be after a reboot, as far as sysctl.d and the kernel command line decide it. */
export interface NextBoot {
  /** undefined where the kernel has no Yama. */
  readonly scope: Scope;
  /** The line that decides; null: none does, it is what the kernel starts with ({@link readKernelDefault}). */
  readonly decidedBy: Line | null;
  /** Files that we may not read, which may say otherwise. */
  readonly unreadable: readonly string[];
}

/** A line of a file of sysctl.d, counted from 1. */
export interface Line {
  readonly file: string;
  readonly line: number;
}

/**
 * Reads sysctl.d under `root` as systemd-sysctl(8) does at boot. systemd 252 to 260 has these rules (src/sysctl/sysctl.c,
 * src/basic/conf-files.c), of which sysctl.d(5) tells only some:
 *
 * - `kernel.yama.ptrace_scope = 2` beats every glob (`kernel.yama.* = 0`), wherever the two stand.
 * - `-kernel.yama.ptrace_scope`, without `=`, keeps every glob away from the key, and takes back what earlier lines set.
 * - Among globs, the last one wins. A line that sets a glob to the text that it has already keeps its place; a line that
 *   sets it to another text moves it to the end.
 */
export function predictNextBoot(root = '/', kernelDefault = readKernelDefault(root)): NextBoot {
  return predict(root, kernelDefault, () => true);
}

/** The same as if the files that `ptrace-shim set --permanent` wrote were gone. */
export function predictWithoutOurs(root = '/', kernelDefault = readKernelDefault(root)): NextBoot {
  const ours = findOurs(root);
  return predict(root, kernelDefault, (file) => !ours.includes(file));
}

function predict(root: string, kernelDefault: Scope, counts: (file: string) => boolean): NextBoot {
  const unreadable: string[] = [];
  const settings = new Map<string, Setting>();
  for (const file of listFiles(root, counts)) {
    const text = read(join(root, file));
    if (text === undefined) unreadable.push(file);
    else for (const setting of parseFile(file, text)) put(settings, setting);
  }
  return { ...apply(settings, kernelDefault), unreadable };
}

/**
 * The scope that the kernel has before init runs; undefined without Yama. The kernel's own default is 1, which Debian
 * patches to 0 (yama-disable-by-default.patch) in kernels that name Debian in /proc/version. The kernel command line
 * overrides it (`sysctl.kernel.yama.ptrace_scope=2`, since Linux 5.8).
 */
export function readKernelDefault(root = '/'): Scope {
  const proc = join(root, 'proc');
  if (readScope(proc) === undefined) return undefined;
  const own: Scope = /debian/i.test(readText(join(proc, 'version')) ?? '') ? 0 : 1;
  return bootParameters(root).reduce(write, own);
}

/** The values that the kernel command line gives to the scope. */
export function bootParameters(root = '/'): string[] {
  const words = (readText(join(root, 'proc/cmdline')) ?? '').trim().split(/\s+/);
  const end = words.indexOf('--'); // what follows is for init
  return words.slice(0, end < 0 ? undefined : end).flatMap((word) => {
    const [, key, value] = /^sysctl[./]([^=]*)=(.*)$/.exec(word) ?? [];
    return key?.replaceAll('.', '/') === KEY ? [value!] : [];
  });
}

const KEY = 'kernel/yama/ptrace_scope';

const FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/sysctl.d`);

/** The files in the order of reading: by name whatever the folder, each name from the first folder that has it. */
function listFiles(root: string, counts: (file: string) => boolean): string[] {
  const files = new Map<string, string | undefined>();
  for (const folder of FOLDERS) {
    for (const name of listDirectory(join(root, folder))) {
      if (!name.endsWith('.conf') || name.startsWith('.') || files.has(name)) continue;
      if (!counts(`${folder}/${name}`)) continue;
      const type = typeOf(join(root, folder, name));
      if (type === 'file') files.set(name, `${folder}/${name}`);
      if (type === 'null') files.set(name, undefined);
    }
  }
  return [...files.keys()].sort(byBytes).flatMap((name) => files.get(name) ?? []);
}

/** A link to /dev/null disables its name. What is neither that nor a file is passed over (systemd 258; older: disables). */
function typeOf(path: string): 'file' | 'null' | undefined {
  try {
    const stat = statSync(path);
    if (stat.isCharacterDevice()) return 'null';
    return stat.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What `ptrace-shim set --permanent` wrote: known by name and first line, which libexec/ptrace-scope-set writes. */
export function findOurs(root = '/'): string[] {
  return ['/etc/sysctl.d/60-ptrace-shim.conf', '/etc/sysctl.d/20-yama-ptrace.conf'].filter((file) =>
    read(join(root, file))?.startsWith('# Written by "ptrace-shim set'),
  );
}

interface Setting extends Line {
  /** A path under /proc/sys, perhaps with globs. */
  readonly key: string;
  /** undefined: excluded from globs. */
  readonly value: string | undefined;
}

/** The settings of a file. A line that is neither a comment nor a setting is passed over. */
function* parseFile(file: string, text: string): Generator<Setting> {
  for (const [index, raw] of text.split(/\r\n|\n\r|[\n\r\0]/).entries()) {
    const text = strip(raw);
    if (text === '' || text.startsWith('#') || text.startsWith(';')) continue;
    const equals = text.indexOf('=');
    const dash = text.startsWith('-'); // before a setting: failing to write it does not matter
    if (equals < 0 && !dash) continue;
    const key = normalize(strip(text.slice(dash ? 1 : 0, equals < 0 ? undefined : equals)));
    const value = equals < 0 ? undefined : strip(text.slice(equals + 1));
    yield { key, value, file, line: index + 1 };
  }
}

/** Dots separate, or slashes: the first one found says which, and the other is then a plain character. */
function normalize(key: string): string {
  const dotted = /[/.]/.exec(key)?.[0] === '.';
  const path = dotted ? key.replace(/[/.]/g, (separator) => (separator === '.' ? '/' : '.')) : key;
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');
}

/** The last line of several that say the same is the one to name, as sysctl.d(5) has the last one win. */
function put(settings: Map<string, Setting>, setting: Setting): void {
  if (settings.get(setting.key)?.value !== setting.value) settings.delete(setting.key);
  settings.set(setting.key, setting);
}

function apply(settings: ReadonlyMap<string, Setting>, kernelDefault: Scope): Omit<NextBoot, 'unreadable'> {
  let scope = kernelDefault;
  let decidedBy: Line | null = null;
  if (scope === undefined) return { scope, decidedBy };
  for (const { key, value, file, line } of settings.values()) {
    const applies = key === KEY || (isGlob(key) && !settings.has(KEY) && matches(key));
    if (!applies || value === undefined || parseValue(value) === undefined || scope === 3) continue;
    scope = write(scope, value);
    decidedBy = { file, line };
  }
  return { scope, decidedBy };
}

/** The kernel takes the first number of the text and keeps what it has when that is none from 0 to 3. 3 stays. */
function write(scope: Scope, text: string): Scope {
  return scope === 3 ? scope : (parseValue(text) ?? scope);
}

/** proc_get_long() of kernel/sysctl.c: hexadecimal after 0x, octal after 0; white space or nothing must follow. */
function parseValue(text: string): Scope {
  const [, digits] = /^\s*-?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)(?=[ \t\n]|$)/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]/.test(digits);
  const number = octal ? Number.parseInt(digits, 8) : Number(digits);
  const negative = text.trimStart().startsWith('-') && number !== 0;
  return number <= 3 && !negative ? (number as Scope) : undefined;
}

function isGlob(key: string): boolean {
  return /[*?[]/.test(key);
}

/** Does the glob, as glob(7) reads it, name the scope? */
function matches(glob: string): boolean {
  const names = KEY.split('/');
  const patterns = glob.split('/');
  return (
    patterns.length === names.length && patterns.every((pattern, i) => toRegExp(pattern).test(names[i]!))
  );
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|(\*)|(\?)|\[([!^]?)(\]?[^\]]*)\]|\W/g,
    (text, escaped, star, question, not, set) => {
      if (star) return '.*';
      if (question) return '.';
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[[\]\\^]/g, '\\$&')}]`;
      return literal(escaped ?? text);
    },
  );
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /(?!)/; // a range from z to a
  }
}

function literal(character: string): string {
  return character.replace(/\W/, '\\$&');
}

function strip(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
