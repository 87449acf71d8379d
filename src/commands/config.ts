import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import {
  change,
  DEFAULTS,
  LONGEST_DEADLINE,
  ON_REFUSAL,
  type OnRefusal,
  overridingAnswer,
  PLAIN_NAMES,
  readSaid,
  rememberedAnswer,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settingOf,
  settingsFile,
  writeSettings,
} from '../settings.ts';
import { renderHostile } from '../terminal.ts';
import { OTHER_TOOLS } from '../tools/tool.ts';
import { isToolName } from '../tools/tools.ts';
import type { AddCommand } from './command.ts';

/** `ptrace-shim config`: the settings, and the answers that were remembered. */
export const addConfig: AddCommand = (config) => {
  config
    .usage('[--json] | set <name> <value> | forget [<name>]')
    .option('--json', 'print an object')
    .helpCommand(false)
    .addHelpText('after', DETAILS)
    .action(({ json }: { json?: boolean }) => {
      const report = readReport();
      process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
    });
  addSetting(config);
  addForget(config);
};

const DETAILS = `
Settings:
  onRefusal.<tool>  when the scope refuses that tool (gdb, strace, ...):
                    ask, attach, permit, window, relaunch or hint (one line)
  onRefusal.all     the same for tools without a setting of their own
  elevate           what asks for the password: auto, pkexec, sudo or run0
  deadline          seconds until the scope is raised in any case, 1 to ${LONGEST_DEADLINE}

PTRACE_SHIM_ON_REFUSAL overrides onRefusal. PTRACE_SHIM=off silences the shims.

JSON: {"file": "...", "problem": null, "off": false,
  "settings": {"elevate": {"value": "auto", "source": "default"}, ...}}
  source    default, file, onRefusal.all or PTRACE_SHIM_ON_REFUSAL
  problem   why the file is ignored
`;

/** For a person to read: there are many tools. */
const NAMES = ['onRefusal.<tool>', 'onRefusal.all', ...PLAIN_NAMES].join(', ');

function addSetting(config: Command): void {
  config
    .command('set')
    .description('change a setting')
    .argument('<name>', NAMES)
    .argument('<value>', 'see ptrace-shim config --help')
    .action((name: string, value: string) => {
      const said = readWhole();
      try {
        save(change(said, checkName(name), value));
      } catch (error) {
        if (error instanceof Failure) throw error;
        throw new Failure((error as Error).message, { status: 2 });
      }
    });
}

function addForget(config: Command): void {
  config
    .command('forget')
    .description('forget the remembered answers, or return one setting to its default')
    .argument('[name]', SETTING_NAMES.join(', '))
    .option('--all', 'remove the settings file, even a broken one')
    .action((name: string | undefined, { all }: { all?: boolean }) => {
      if (all && name !== undefined) throw new Failure('--all takes no name', { status: 2 });
      if (all) return save({});
      const said = readWhole();
      if (name !== undefined) return save(change(said, checkName(name), undefined));
      save({ ...said, onRefusal: {} });
    });
}

function checkName(text: string): SettingName {
  const name = SETTING_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  throw new Failure(`there is no setting '${renderHostile(text, 40)}'`, {
    help: `one of ${NAMES}`,
    status: 2,
  });
}

/** A broken file is the person's own work, and not overwritten. */
function readWhole(): Partial<Settings> {
  const { said, problem } = readSaid();
  if (problem === undefined) return said;
  throw new Failure(`${problem}; nothing was changed`, {
    help: 'correct the file, or remove it: ptrace-shim config forget --all',
  });
}

function save(said: Partial<Settings>): void {
  try {
    writeSettings(said);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`cannot write ${renderHostile(settingsFile())}: ${code}`);
  }
}

type Source = 'default' | 'file' | 'onRefusal.all' | 'PTRACE_SHIM_ON_REFUSAL';

interface Report {
  readonly file: string;
  readonly problem: string | null;
  readonly off: boolean;
  readonly settings: Readonly<Record<SettingName, { value: string | number; source: Source }>>;
}

function readReport(env = process.env): Report {
  const { said, problem } = readSaid();
  const settings = SETTING_NAMES.map((name) => [name, readSetting(name, said, overridingAnswer(env))]);
  return {
    file: settingsFile(),
    problem: problem ?? null,
    off: env.PTRACE_SHIM === 'off',
    settings: Object.fromEntries(settings),
  };
}

/** As it holds for the next command, and why. */
function readSetting(name: SettingName, said: Partial<Settings>, override: OnRefusal | undefined) {
  const tool = name.slice('onRefusal.'.length);
  if (isToolName(tool) && override !== undefined) {
    return { value: override, source: 'PTRACE_SHIM_ON_REFUSAL' };
  }
  const value = settingOf(said, name);
  if (value !== undefined) return { value, source: 'file' };
  const settings = { ...DEFAULTS, ...said };
  if (isToolName(tool)) {
    return {
      value: rememberedAnswer(settings, tool),
      source: said.onRefusal?.all === undefined ? 'default' : 'onRefusal.all',
    };
  }
  return { value: settingOf(settings, name) ?? 'ask', source: 'default' };
}

function renderReport({ file, problem, off, settings }: Report): string {
  const rows = Object.entries(settings).filter(([name, { source }]) => source === 'file' || !isOfOther(name));
  const width = Math.max(...rows.map(([name]) => name.length));
  const middle = Math.max(...rows.map(([, { value }]) => String(value).length));
  const override = process.env.PTRACE_SHIM_ON_REFUSAL;
  const ignored = override && overridingAnswer(process.env) === undefined;
  return [
    ...rows.map(([name, { value, source }]) =>
      `${name.padEnd(width)}  ${String(value).padEnd(middle)}  ${renderSource(source, file)}`.trimEnd(),
    ),
    ...(problem === null ? [] : ['', renderHostile(problem)]),
    ...(ignored
      ? [
          '',
          `PTRACE_SHIM_ON_REFUSAL=${renderHostile(override, 40)} is ignored: not one of ${ON_REFUSAL.join(', ')}`,
        ]
      : []),
    ...(off ? ['', 'PTRACE_SHIM=off: the shims run the real tools at once'] : []),
    '',
  ].join('\n');
}

/** Most people have few of these tools: what is not set for one of them is the same as for all. */
function isOfOther(name: string): boolean {
  return OTHER_TOOLS.some((tool) => name === `onRefusal.${tool}`);
}

function renderSource(source: Source, file: string): string {
  return source === 'file' ? renderHostile(file) : source;
}
