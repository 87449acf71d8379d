import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gdb } from '../../src/tools/gdb.ts';
import type { PlanWord } from '../../src/tools/tool.ts';
import { surroundingsOf, Workbench } from './real.ts';

/*
 * Real gdb, started as typed and with the gate: the same bytes on the screen and the same exit status, and the command
 * of the gate run once, before the attach, with the symbols of the program read.
 */
const bench = new Workbench();
const home = bench.directory;
const mark = join(home, 'mark');
let pid: number;

beforeAll(async () => {
  writeFileSync(join(home, '.gdbinit'), 'echo from the init file\\n\nset pagination off\n');
  writeFileSync(join(home, 'commands'), 'info inferiors\ndetach\n');
  symlinkSync(bench.target, join(home, 'a "name" with \\ blanks '));
  symlinkSync('/bin/true', join(home, 'wrong'));
  writeFileSync(join(home, 'empty'), '');
  chmodSync(join(home, 'empty'), 0o755);
  pid = await bench.start(bench.target);
});
afterAll(() => bench.close());

const ODD_NAME = 'a "name" with \\ blanks ';

/** PID stands for the target. */
const forms: string[][] = [
  ['-p', 'PID'],
  ['-pid=PID'],
  ['-q', '-p', 'PID'],
  ['-batch', '-p', 'PID', '-ex', 'bt'],
  ['-batch', '-ex', 'bt', '-p', 'PID', '-ex', 'info threads'],
  ['./target', 'PID'],
  ['-batch', './target', 'PID', '-ex', 'bt'],
  ['./target', '-q', 'PID', '-ex', 'bt'],
  ['--', './target', 'PID'],
  ['-p', 'PID', './target'],
  ['-e', './target', '-p', 'PID'],
  ['-s', './target', '-p', 'PID'],
  ['-se', './target', '-p', 'PID', '-ex', 'bt'],
  ['-e', './target', '-s', './target', '-p', 'PID'],
  ['-e', './wrong', './target', 'PID'],
  ['./nosuch', 'PID'],
  ['-batch', './nosuch', 'PID', '-ex', 'info inferiors'],
  ['./empty', 'PID'],
  ['-batch', ODD_NAME, 'PID', '-ex', 'bt'],
  ['./target', 'PID', 'surplus'],
  ['-p', 'PID', '--args', './target', '-p', '80'],
  ['-nx', '-p', 'PID'],
  ['-iex', 'set confirm off', '-p', 'PID', '-iex', 'echo early\\n', '-ex', 'info threads'],
  ['-x', './commands', '-p', 'PID'],
  ['-batch', '-x', './commands', './target', 'PID'],
  ['-ex', 'attach PID', '-ex', 'bt'],
  ['-batch', '-ex', 'echo first\\n', '-ex', 'attach PID', '-ex', 'bt', './target'],
  ['-iex', 'attach PID', '-ex', 'bt'],
  ['-batch', '-eiex', 'attach PID', '-ex', 'bt'],
  ['-batch', '-p', 'PID', '-ex', 'nosuchcommand'],
  ['-batch', '-p', 'PID', '-ex', 'quit 7'],
  ['-return-child-result', '-batch', '-p', 'PID'],
  ['-p', 'PID&', '-ex', 'info threads'],
];

describe('the gate of gdb', () => {
  it.each(forms.map((form) => ({ form })))(
    'leaves the screen and the status as they were: gdb $form',
    async ({ form }) => {
      const { words, gated } = gate(form);
      const plain = await run(words);
      expect(existsSync(mark)).toBe(false);
      expect(await run(gated)).toEqual(plain);
      expect(readMarks()).toEqual(['TracerPid:\t0']);
    },
  );

  it.each([
    ['./wrong', 'PID'],
    ['-batch', './wrong', 'PID', '-ex', 'bt'],
    ['-s', './target', '-e', './wrong', '-p', 'PID'],
  ])('takes only the blank line before a warning of the attach: gdb %s %s %s %s', async (...form) => {
    const { words, gated } = gate(form);
    const { stderr, ...plain } = await run(words);
    expect(stderr).toMatch(/^\nwarning: /);
    expect(await run(gated)).toEqual({ ...plain, stderr: stderr.slice(1) });
  });

  it.each([
    ['./target', 'PID'],
    ['-se', './target', '-p', 'PID'],
    ['-p', 'PID', './target'],
    ['-s', './target', '-p', 'PID'],
  ])('comes between the symbols and the attach: gdb %s %s %s %s', async (...form) => {
    const words = fillIn(form);
    const gated = gdb.gate!(words, 'echo the gate', surroundingsOf())!;
    const { stdout } = await run(render(words, gated));
    expect(stdout).toMatch(/Reading symbols from .*target\.\.\.\nthe gate\nAttaching to p/);
  });

  it('stays before a local init file', async () => {
    const init = join(home, 'local');
    mkdirSync(init);
    writeFileSync(join(init, '.gdbinit'), 'info inferiors\n');
    const trust = ['-iex', `set auto-load safe-path ${init}`];
    const { words, gated } = gate([...trust, '-cd', init, '../target', 'PID', '-ex', 'bt']);
    const plain = await run(words);
    expect(plain.stdout).toContain(`process ${pid}`);
    expect(await run(gated)).toEqual(plain);
    expect(readMarks()).toEqual(['TracerPid:\t0']);
  });

  it.each([
    [['-p', 'PID', '-ex', 'bt']],
    [['./target', 'PID', '-ex', 'bt']],
    [['-q', './target', 'PID', '-ex', 'info threads']],
  ])('leaves a terminal as it was: gdb %s', async (form) => {
    const { words, gated } = gate([...form, '-ex', 'set confirm off', '-ex', 'quit']);
    const plain = await runOnTerminal(words);
    expect(plain.stdout).toContain('0x');
    expect(await runOnTerminal(gated)).toEqual(plain);
    expect(readMarks()).toEqual(['TracerPid:\t0']);
  });

  it.each(['/bin/dash', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'])(
    'works when SHELL is %s',
    async (shell) => {
      const { gated } = gate(['-batch', '-p', 'PID']);
      expect((await run(gated, { SHELL: shell })).exitCode).toBe(0);
      expect(readMarks()).toEqual(['TracerPid:\t0']);
    },
  );

  it.each([
    [['-q', '-batch', '-ex', 'run', '--args', '/bin/echo', 'launched']],
    [['-q', '-batch', '-ex', 'set pagination off', '-ex', 'run launched', '-ex', 'bt', '/bin/echo']],
  ])('comes right before the program is run: gdb %s', async (form) => {
    const gated = gdb.gate!(form, 'echo the gate', surroundingsOf())!;
    const plain = await run(form);
    const { stdout, ...rest } = await run(render(form, gated));
    expect(stdout).toMatch(/the gate\n[\s\S]*launched\n/);
    const anyPid = (text: string) => text.replace(/\(process \d+\)/, '(process)');
    expect(anyPid(stdout.replace('the gate\n', ''))).toBe(anyPid(plain.stdout));
    expect(rest).toEqual({ stderr: plain.stderr, exitCode: plain.exitCode });
  });

  it('has no place in a command line that attaches to nothing', () => {
    expect(gdb.gate!(['--args', 'x', '-p', '1'], ':', surroundingsOf())).toBeUndefined();
  });
});

/** The gate's command tells whether the target was traced at that moment. */
function gate(form: readonly string[]): { words: string[]; gated: string[] } {
  rmSync(mark, { force: true });
  const words = fillIn(form);
  const command = `grep TracerPid /proc/${pid}/status >>${mark}`;
  const gated = gdb.gate!(words, command, surroundingsOf());
  return { words, gated: render(words, gated!) };
}

function readMarks(): string[] {
  return readFileSync(mark, 'utf8').trim().split('\n');
}

async function run(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr, exitCode } = await execa('gdb', words, {
    cwd: home,
    env: { HOME: home, ...env },
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
  });
  return { stdout, stderr, exitCode };
}

async function runOnTerminal(words: readonly string[]) {
  const line = ['gdb', ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { stdout, exitCode } = await execa('script', ['-qec', line, '/dev/null'], {
    cwd: home,
    env: { HOME: home, TERM: 'xterm' },
    stdin: 'ignore',
    reject: false,
    timeout: 15_000,
  });
  return { stdout, exitCode };
}

function fillIn(form: readonly string[]): string[] {
  return form.map((word) => word.replace('PID', String(pid)));
}

function render(words: readonly string[], planned: readonly PlanWord[]): string[] {
  return planned.map((word) => (typeof word === 'number' ? words[word - 1]! : word));
}
