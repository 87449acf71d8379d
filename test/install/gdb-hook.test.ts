import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { addGdbHook, type GdbHook, isInstalled, removeLine } from '../../src/install/gdb-hook.ts';

const HOME = resolve(import.meta.dirname, '../..');
let folder: string;
let hook: GdbHook;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gdb-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'data/attach.gdb');
  hook = { script, init: join(folder, 'gdbinit'), line: `source ${script}` };
});

test('writes a script that leads to the installation, and an init file where there is none', () => {
  addGdbHook(hook, HOME);
  expect(readFileSync(hook.script, 'utf8')).toContain(`f='${HOME}'/dist/attach.sh;`);
  expect(readFileSync(hook.init, 'utf8')).toBe(`${hook.line}\n`);
  removeLine(hook);
  expect(existsSync(hook.init)).toBe(false);
});

test.each(['set confirm off\n', 'set confirm off', ''])('adds one line to %j, and takes it out', (text) => {
  writeFileSync(hook.init, text);
  addGdbHook(hook, HOME);
  addGdbHook(hook, HOME);
  expect(
    readFileSync(hook.init, 'utf8')
      .split('\n')
      .filter((line) => line === hook.line),
  ).toHaveLength(1);
  expect(isInstalled(hook)).toBe(true);
  removeLine(hook);
  expect(existsSync(hook.init) ? readFileSync(hook.init, 'utf8').trim() : '').toBe(text.trim());
});

test('keeps a link, and the mode of the file', () => {
  mkdirSync(join(folder, 'dotfiles'));
  writeFileSync(join(folder, 'dotfiles/gdbinit'), 'set confirm off\n');
  chmodSync(join(folder, 'dotfiles/gdbinit'), 0o600);
  symlinkSync('dotfiles/gdbinit', hook.init);
  addGdbHook(hook, HOME);
  expect(readFileSync(join(folder, 'dotfiles/gdbinit'), 'utf8')).toContain(hook.line);
  expect(statSync(hook.init).mode & 0o777).toBe(0o600);
});
