import { beforeEach, describe, expect, test } from 'vitest';
import { connectVm } from './connect.ts';
import { ASKED, openTerminal, QUESTION, startTarget } from './scene.ts';
import { CHECKOUT, type Result } from './vm.ts';

const vm = await connectVm();
beforeEach(() => vm.emptyHome());

const FILE = '/home/dev/.config/ptrace-shim/settings.json';

function config(words = '', env: Record<string, string> = {}): Promise<Result> {
  return vm.run(`/usr/bin/node ${CHECKOUT}/dist/main.js config ${words}`, { env });
}

/** Every file in the home, with its text. */
function readHome(): Promise<string> {
  return vm.read('cd && find . -mindepth 1 -print && cat .config/*/* 2>/dev/null; :');
}

test('shows the defaults where nothing was set, and makes no file', async () => {
  const before = await readHome();
  const { stdout, stderr, status } = await config();
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
  expect(await readHome()).toBe(before);
});

test('shows where each value comes from', async () => {
  await config('set onRefusal.all attach');
  await config('set onRefusal.strace hint');
  await config('set deadline 60');
  expect((await config()).stdout).toMatchInlineSnapshot(`
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
    (await config('', { PTRACE_SHIM_ON_REFUSAL: 'relaunch', PTRACE_SHIM: 'off' })).stdout,
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
  expect((await config('', { PTRACE_SHIM_ON_REFUSAL: 'no\u001bsuch' })).stdout).toContain(
    'PTRACE_SHIM_ON_REFUSAL=no\\esuch is ignored: not one of ask, attach, relaunch, hint\n',
  );
});

test('prints the same as JSON', async () => {
  await config('set onRefusal.all attach');
  await config('set elevate sudo');
  const { stdout } = await config('--json', { PTRACE_SHIM: 'off' });
  expect(JSON.parse(stdout)).toEqual({
    file: FILE,
    problem: null,
    off: true,
    settings: {
      'onRefusal.gdb': { value: 'attach', source: 'onRefusal.all' },
      'onRefusal.strace': { value: 'attach', source: 'onRefusal.all' },
      'onRefusal.eu-stack': { value: 'attach', source: 'onRefusal.all' },
      'onRefusal.vgdb': { value: 'attach', source: 'onRefusal.all' },
      'onRefusal.all': { value: 'attach', source: 'file' },
      elevate: { value: 'sudo', source: 'file' },
      deadline: { value: 30, source: 'default' },
    },
  });
});

test('sets and forgets; a value that is the default leaves nothing behind', async () => {
  const before = await readHome();
  await config('set onRefusal.gdb hint');
  await config('set deadline 7');
  expect(JSON.parse(await vm.readFile(FILE))).toEqual({ onRefusal: { gdb: 'hint' }, deadline: 7 });
  await config('forget');
  expect(JSON.parse(await vm.readFile(FILE))).toEqual({ deadline: 7 });
  await config('set deadline 30');
  expect((await readHome()).replace('./.config\n', '')).toBe(before.replace('./.config\n', ''));
});

test('forgets one of two answers', async () => {
  await config('set onRefusal.gdb hint');
  await config('set onRefusal.vgdb attach');
  await config('forget onRefusal.gdb');
  expect(JSON.parse(await vm.readFile(FILE))).toEqual({ onRefusal: { vgdb: 'attach' } });
});

test('is what the shim obeys: a hint instead of the question, and the question again once it is forgotten', async () => {
  const { pid } = await startTarget(vm);
  await config('set onRefusal.strace hint');
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  expect(await terminal.waitFor('left with 1')).not.toContain(QUESTION);
  await terminal.line(`ptrace-shim config forget onRefusal.strace; clear; strace -p ${pid}`);
  await terminal.waitFor(ASKED);
  await terminal.press('C-c');
});

describe('refuses in a line that names what is valid, and changes nothing:', () => {
  const NAMES =
    'onRefusal.gdb, onRefusal.strace, onRefusal.eu-stack, onRefusal.vgdb, onRefusal.all, elevate, deadline';
  test.each([
    ['set colour red', `there is no setting 'colour'\n  help: one of ${NAMES}\n`],
    ["set 'a\u001bb' red", `there is no setting 'a\\eb'\n  help: one of ${NAMES}\n`],
    ['set onRefusal.lldb ask', `there is no setting 'onRefusal.lldb'\n  help: one of ${NAMES}\n`],
    ['set onRefusal.gdb perhaps', 'onRefusal.gdb: not one of ask, attach, relaunch, hint\n'],
    ['set elevate su', 'elevate: not one of auto, pkexec, sudo, run0\n'],
    ['set deadline 0', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['set deadline 301', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['set deadline 1e2', 'deadline: not a whole number of seconds from 1 to 300\n'],
    ["set deadline ''", 'deadline: not a whole number of seconds from 1 to 300\n'],
    ['forget colour', `there is no setting 'colour'\n  help: one of ${NAMES}\n`],
    ['forget elevate --all', '--all takes no name\n'],
  ])('%s', async (words, message) => {
    const before = await readHome();
    const { stdout, stderr, status } = await config(words);
    expect([stdout, stderr, status]).toEqual(['', `ptrace-shim: ${message}`, 2]);
    expect(await readHome()).toBe(before);
  });
});

describe('a broken file', () => {
  const BROKEN = '{"deadline": 60,}';
  beforeEach(async () => {
    await vm.read(`mkdir -p ${FILE.replace(/\/[^/]*$/, '')} && printf '%s' '${BROKEN}' >${FILE}`);
  });

  test('is told in one line, and the defaults hold', async () => {
    const { stdout, status } = await config();
    expect(stdout).toMatch(/^deadline +30 +default$/m);
    expect(stdout).toMatch(/\n\nignoring \/home\/dev\/.config\/ptrace-shim\/settings.json: [^\n]*\n$/);
    expect(status).toBe(0);
    expect(JSON.parse((await config('--json')).stdout).problem).toMatch(/^ignoring /);
  });

  test.each(['set deadline 5', 'forget', 'forget deadline'])('is not touched by %s', async (words) => {
    const { stderr, status } = await config(words);
    expect(stderr).toMatch(
      /^ptrace-shim: ignoring .*; nothing was changed\n {2}help: correct the file, or remove it: ptrace-shim config forget --all\n$/,
    );
    expect(status).toBe(1);
    expect(await vm.readFile(FILE)).toBe(BROKEN);
  });

  test('is removed by forget --all', async () => {
    expect(await config('forget --all')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(await readHome()).not.toContain('ptrace-shim');
  });
});

test('says that a file cannot be written', async () => {
  await vm.read('mkdir .config && chmod 500 .config');
  expect(await config('set deadline 5')).toMatchObject({
    status: 1,
    stderr: `ptrace-shim: cannot write ${FILE}: EACCES\n`,
  });
  await vm.read('chmod 700 .config');
});
