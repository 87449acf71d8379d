import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { xdgConfig } from 'xdg-basedir';
import { followLinks, removeIfEmpty, replaceFile } from './file-system.ts';
import { TOOL_NAMES, type ToolName } from './tools/tool.ts';

/**
 * What to do, without asking, when the scope refuses an attach. `attach` is the narrowest of permit and window that works.
 * `ask` for a tool also means that nobody wants to be asked whether to remember the answer.
 */
export type OnRefusal = (typeof ON_REFUSAL)[number];
export const ON_REFUSAL = ['ask', 'attach', 'permit', 'window', 'relaunch', 'hint'] as const;

/** Who lets the helper run as root; auto takes the first there is. */
export type Elevate = (typeof ELEVATE)[number];
export const ELEVATE = ['auto', 'pkexec', 'sudo', 'run0'] as const;

export interface Settings {
  /** A remembered answer for each tool, or for all of them. */
  readonly onRefusal: Readonly<Partial<Record<ToolName | 'all', OnRefusal>>>;
  readonly elevate: Elevate;
  /** Seconds after which the scope is restored although the tool has not attached. */
  readonly deadline: number;
}

export const DEFAULTS: Settings = { onRefusal: {}, elevate: 'auto', deadline: 30 };
/** Seconds; the helper has the same cap, and does not take our word for it. */
export const LONGEST_DEADLINE = 300;

export const ANSWER_FOR = [...TOOL_NAMES, 'all'] as const;

/** A setting other than the answers. */
interface Plain {
  /** What a shell offers in its place. */
  readonly offered: readonly string[];
  /** The value that somebody typed; as it is where it is none. */
  read(text: string): unknown;
  /** What is wrong with a value; undefined where nothing is. */
  whatIsWrong(value: unknown): string | undefined;
}

type PlainName = Exclude<keyof Settings, 'onRefusal'>;
export const PLAIN: Readonly<Record<PlainName, Plain>> = {
  elevate: {
    offered: ELEVATE,
    read: (text) => text,
    whatIsWrong: (value) =>
      ELEVATE.some((way) => way === value) ? undefined : `not one of ${ELEVATE.join(', ')}`,
  },
  deadline: {
    offered: ['10', '30', '60', '300'],
    read: (text) => (/^\d+$/.test(text) ? Number(text) : text),
    whatIsWrong: (value) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_DEADLINE
        ? undefined
        : `not a whole number of seconds from 1 to ${LONGEST_DEADLINE}`,
  },
};
export const PLAIN_NAMES = Object.keys(PLAIN) as PlainName[];

/** Every setting by its name in `ptrace-shim config`. */
export type SettingName = `onRefusal.${(typeof ANSWER_FOR)[number]}` | PlainName;
export const SETTING_NAMES: readonly SettingName[] = [
  ...ANSWER_FOR.map((tool) => `onRefusal.${tool}` as const),
  ...PLAIN_NAMES,
];

/** `$XDG_CONFIG_HOME/ptrace-shim/settings.json`. */
export function settingsFile(): string {
  return join(xdgConfig ?? join(homedir(), '.config'), 'ptrace-shim', 'settings.json');
}

/**
 * The settings, and what is wrong with the file when something is: then the defaults hold in its place, as a tool that
 * debugs must not fail over a comma.
 */
export function readSettings(file = settingsFile()): { settings: Settings; problem?: string } {
  const { said, problem } = readSaid(file);
  const settings = { ...DEFAULTS, ...said };
  return problem === undefined ? { settings } : { settings, problem };
}

/** Only what the file says: nothing when there is none, or when it is broken. */
export function readSaid(file = settingsFile()): { said: Partial<Settings>; problem?: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { said: {} };
    return { said: {}, problem: `cannot read ${file}: ${code}` };
  }
  try {
    return { said: check(JSON.parse(text)) };
  } catch (error) {
    return { said: {}, problem: `ignoring ${file}: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** The value of one setting, undefined where nothing is said. */
export function settingOf(said: Partial<Settings>, name: SettingName): string | number | undefined {
  return isPlain(name) ? said[name] : said.onRefusal?.[toolOf(name)];
}

/** With one setting changed, or with undefined back to its default. Throws with the reason when it cannot be so. */
export function change(
  said: Partial<Settings>,
  name: SettingName,
  value: string | undefined,
): Partial<Settings> {
  if (isPlain(name)) {
    const { [name]: _, ...rest } = said;
    return check(value === undefined ? rest : { ...rest, [name]: PLAIN[name].read(value) });
  }
  const { [toolOf(name)]: _, ...others } = said.onRefusal ?? {};
  const onRefusal = value === undefined ? others : { ...others, [toolOf(name)]: value };
  return check({ ...said, onRefusal });
}

function withoutDefaults({ onRefusal = {}, ...plain }: Partial<Settings>): Partial<Settings> {
  const kept = Object.entries(plain).filter(([name, value]) => value !== DEFAULTS[name as PlainName]);
  const answers = Object.keys(onRefusal).length > 0 ? { onRefusal } : {};
  return { ...answers, ...Object.fromEntries(kept) };
}

function isPlain(name: SettingName): name is PlainName {
  return Object.hasOwn(PLAIN, name);
}

function toolOf(name: Exclude<SettingName, PlainName>): ToolName | 'all' {
  return name.slice('onRefusal.'.length) as ToolName | 'all';
}

/**
 * Writes what differs from the defaults, into a folder that is made for it; where nothing does, no file is left. Throws what
 * the file system answers.
 */
export function writeSettings(said: Partial<Settings>, file = settingsFile()): void {
  const kept = withoutDefaults(said);
  if (Object.keys(kept).length === 0) {
    removeSettings(file);
    return;
  }
  mkdirSync(dirname(followLinks(file).at(-1)!), { recursive: true, mode: 0o700 });
  replaceFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Leaves no directory of ours behind either. */
export function removeSettings(file = settingsFile()): void {
  rmSync(file, { force: true });
  removeIfEmpty(dirname(file));
}

/** The remembered answer for this tool: its own before the one for all. */
export function rememberedAnswer({ onRefusal }: Settings, tool: ToolName): OnRefusal {
  return onRefusal[tool] ?? onRefusal.all ?? 'ask';
}

/** Does an answer for one command also count where nobody can be asked? A relaunch ends a program, and so does not. */
export function countsUnasked(answer: OnRefusal | undefined): answer is 'attach' | 'permit' | 'window' {
  return answer === 'attach' || answer === 'permit' || answer === 'window';
}

/** `PTRACE_SHIM_ON_REFUSAL`, for one command: undefined where it is not set, or to nothing that we know. */
export function overridingAnswer(env: Readonly<Record<string, string | undefined>>): OnRefusal | undefined {
  return ON_REFUSAL.find((answer) => answer === env.PTRACE_SHIM_ON_REFUSAL);
}

/** Throws with the reason when the file says something we do not know. */
function check(value: unknown): Partial<Settings> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('not a JSON object');
  const { onRefusal = {}, ...plain } = value as Partial<Settings>;
  for (const [tool, answer] of Object.entries(onRefusal)) {
    if (!(ANSWER_FOR as readonly string[]).includes(tool))
      throw new Error(`onRefusal: unknown tool '${tool}'`);
    if (!ON_REFUSAL.includes(answer))
      throw new Error(`onRefusal.${tool}: not one of ${ON_REFUSAL.join(', ')}`);
  }
  for (const [name, said] of Object.entries(plain)) {
    if (!Object.hasOwn(PLAIN, name)) throw new Error(`unknown setting '${name}'`);
    const wrong = PLAIN[name as PlainName].whatIsWrong(said);
    if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
  }
  return value;
}
