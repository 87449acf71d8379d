import { beforeEach, describe, expect, test } from 'vitest';
import { TOOL_NAMES } from '../../src/tools/tool.ts';
import { useAccount } from './account.ts';

/** That the shims obey: test/vm/silence.test.ts. */
const { sh, read, tree } = useAccount();

const FILE = '/home/dev/.config/ptrace-shim/settings.json';
const readFile = () => read('cat .config/ptrace-shim/settings.json');

function config(words = '', env: Record<string, string> = {}) {
  return sh(`ptrace-shim config ${words}`, env);
}

test('shows the defaults where nothing was set, and makes no file', () => {
  const before = tree();
  const { stdout, stderr, status } = config();
  expect(stdout).toMatchInlineSnapshot(`
    "onRefusal.gdb       ask   default
    onRefusal.strace    ask   default
    onRefusal.eu-stack  ask   default
    onRefusal.vgdb      ask   default
    onRefusal.all       ask   default
    elevate             auto  default
    deadline            30    default
    "
  `);
  expect([stderr, status]).toEqual(['', 0]);
  expect(tree()).toBe(before);
});

test('shows where each value comes from', () => {
  config('set onRefusal.all attach');
  config('set onRefusal.strace hint');
  config('set deadline 60');
  expect(config().stdout).toMatchInlineSnapshot(`
    "onRefusal.gdb       attach  onRefusal.all
    onRefusal.strace    hint    /home/dev/.config/ptrace-shim/settings.json
    onRefusal.eu-stack  attach  onRefusal.all
    onRefusal.vgdb      attach  onRefusal.all
    onRefusal.all       attach  /home/dev/.config/ptrace-shim/settings.json
    elevate             auto    default
    deadline            60      /home/dev/.config/ptrace-shim/settings.json
    "
  `);
  expect(
    config('', { PTRACE_SHIM_ON_REFUSAL: 'relaunch', PTRACE_SHIM: 'off' }).stdout,
  ).toMatchInlineSnapshot(`
    "onRefusal.gdb       relaunch  PTRACE_SHIM_ON_REFUSAL
    onRefusal.strace    relaunch  PTRACE_SHIM_ON_REFUSAL
    onRefusal.eu-stack  relaunch  PTRACE_SHIM_ON_REFUSAL
    onRefusal.vgdb      relaunch  PTRACE_SHIM_ON_REFUSAL
    onRefusal.all       attach    /home/dev/.config/ptrace-shim/settings.json
    elevate             auto      default
    deadline            60        /home/dev/.config/ptrace-shim/settings.json

    PTRACE_SHIM=off: the shims run the real tools at once
    "
  `);
  expect(config('', { PTRACE_SHIM_ON_REFUSAL: 'no\u001bsuch' }).stdout).toContain(
    'PTRACE_SHIM_ON_REFUSAL=no\\esuch is ignored: not one of ask, attach, permit, window, relaunch, hint\n',
  );
});

test('prints the same as JSON', () => {
  config('set onRefusal.all attach');
  config('set elevate sudo');
  const { stdout } = config('--json', { PTRACE_SHIM: 'off' });
  expect(JSON.parse(stdout)).toEqual({
    file: FILE,
    problem: null,
    off: true,
    settings: {
      ...Object.fromEntries(
        TOOL_NAMES.map((tool) => [`onRefusal.${tool}`, { value: 'attach', source: 'onRefusal.all' }]),
      ),
      'onRefusal.all': { value: 'attach', source: 'file' },
      elevate: { value: 'sudo', source: 'file' },
      deadline: { value: 30, source: 'default' },
    },
  });
});

test('sets and forgets; a value that is the default leaves nothing behind', () => {
  const before = tree();
  config('set onRefusal.gdb hint');
  config('set deadline 7');
  expect(JSON.parse(readFile())).toEqual({ onRefusal: { gdb: 'hint' }, deadline: 7 });
  config('forget');
  expect(JSON.parse(readFile())).toEqual({ deadline: 7 });
  config('set deadline 30');
  expect(tree().replace(/^\.config d .*\n/m, '')).toBe(before);
});

test('forgets one of two answers', () => {
  config('set onRefusal.gdb hint');
  config('set onRefusal.vgdb attach');
  config('forget onRefusal.gdb');
  expect(JSON.parse(readFile())).toEqual({ onRefusal: { vgdb: 'attach' } });
});

describe('refuses in a line that names what is valid, and changes nothing:', () => {
  const NAMES = 'onRefusal.<tool>, onRefusal.all, elevate, deadline';
  test.each([
    ['set colour red', `there is no setting 'colour'\n  help: one of ${NAMES}\n`],
    ["set 'a\u001bb' red", `there is no setting 'a\\eb'\n  help: one of ${NAMES}\n`],
    ['set onRefusal.ddd ask', `there is no setting 'onRefusal.ddd'\n  help: one of ${NAMES}\n`],
    ['set onRefusal.gdb perhaps', 'onRefusal.gdb: not one of ask, attach, permit, window, relaunch, hint\n'],
    ['set elevate su', 'elevate: not one of auto, pkexec, sudo, run0\n'],
    ['set deadline 0', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['set deadline 301', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['set deadline 1e2', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ["set deadline ''", 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['forget colour', `there is no setting 'colour'\n  help: one of ${NAMES}\n`],
    ['forget elevate --all', '--all takes no name\n'],
  ])('%s', (words, message) => {
    const before = tree();
    const { stdout, stderr, status } = config(words);
    expect([stdout, stderr, status]).toEqual(['', `ptrace-shim: ${message}`, 2]);
    expect(tree()).toBe(before);
  });
});

describe('a broken file', () => {
  const BROKEN = '{"deadline": 60,}';
  beforeEach(() => {
    sh(`mkdir -p .config/ptrace-shim; printf %s '${BROKEN}' >.config/ptrace-shim/settings.json`);
  });

  test('is told in one line, and the defaults hold', () => {
    const { stdout, status } = config();
    expect(stdout).toMatch(/^deadline +30 +default$/m);
    expect(stdout).toMatch(/\n\nignoring \/home\/dev\/.config\/ptrace-shim\/settings.json: [^\n]*\n$/);
    expect(status).toBe(0);
    expect(JSON.parse(config('--json').stdout).problem).toMatch(/^ignoring /);
  });

  test.each(['set deadline 5', 'forget', 'forget deadline'])('is not touched by %s', (words) => {
    const { stderr, status } = config(words);
    expect(stderr).toMatch(
      /^ptrace-shim: ignoring .*; nothing was changed\n {2}help: correct the file, or remove it: ptrace-shim config forget --all\n$/,
    );
    expect(status).toBe(1);
    expect(readFile()).toBe(BROKEN);
  });

  test('is removed by forget --all', () => {
    expect(config('forget --all')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(tree()).not.toContain('ptrace-shim');
  });
});

test('says that a file cannot be written', () => {
  sh('echo a file >.config');
  expect(config('set deadline 5')).toMatchObject({
    status: 1,
    stderr: `ptrace-shim: cannot write ${FILE}: ENOTDIR\n`,
  });
});
