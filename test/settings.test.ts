import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  change,
  DEFAULTS,
  readSaid,
  readSettings,
  rememberedAnswer,
  removeSettings,
  writeSettings,
} from '../src/settings.ts';

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'ptrace-shim-settings-')), 'ptrace-shim/settings.json');
});
afterEach(() => rmSync(dirname(dirname(file)), { recursive: true }));

function write(text: string): void {
  mkdirSync(dirname(file));
  writeFileSync(file, text);
}

test('takes the defaults where there is no file', () => {
  expect(readSettings(file)).toEqual({ settings: DEFAULTS });
});

test('reads back what it wrote, and leaves nothing else in the directory', () => {
  const settings = { onRefusal: { gdb: 'attach' }, elevate: 'sudo', deadline: 5 } as const;
  writeSettings(settings, file);
  expect(readSettings(file)).toEqual({ settings });
  expect(readdirSync(dirname(file))).toEqual(['settings.json']);
});

test('fills in the defaults for what the file does not say', () => {
  write('{"deadline": 5}');
  expect(readSettings(file).settings).toEqual({ ...DEFAULTS, deadline: 5 });
});

describe('reports in one line and takes the defaults', () => {
  test.each([
    ['a broken file', '{"onRefusal"', /^ignoring .*settings\.json: /],
    ['another value than an object', '[]', /: not a JSON object$/],
    ['an unknown setting', '{"colour": "red"}', /: unknown setting 'colour'$/],
    ['an unknown tool', '{"onRefusal": {"ddd": "ask"}}', /: onRefusal: unknown tool 'ddd'$/],
    ['an unknown answer', '{"onRefusal": {"gdb": "perhaps"}}', /: onRefusal\.gdb: not one of ask, attach, /],
    ['an unknown elevator', '{"elevate": "su"}', /: elevate: not one of auto, pkexec, /],
    ['a deadline of 0', '{"deadline": 0}', /: deadline: not a whole number of seconds from 1 to 300$/],
    ['a deadline of a day', '{"deadline": 86400}', /: deadline: /],
    ['a deadline in words', '{"deadline": "10"}', /: deadline: /],
  ])('%s', (_, text, problem) => {
    write(text);
    const read = readSettings(file);
    expect(read.settings).toEqual(DEFAULTS);
    expect(read.problem).toMatch(problem);
    expect(read.problem).not.toContain('\n');
  });

  test('a directory in place of the file', () => {
    mkdirSync(file, { recursive: true });
    expect(readSettings(file)).toEqual({ settings: DEFAULTS, problem: `cannot read ${file}: EISDIR` });
  });
});

test('keeps the old file when the new one cannot be written', () => {
  write('{"deadline": 5}');
  mkdirSync(`${file}.${process.pid}`);
  expect(() => writeSettings({ deadline: 6 }, file)).toThrow();
  expect(readFileSync(file, 'utf8')).toBe('{"deadline": 5}');
});

test('writes to where a link leads, for somebody who keeps such files elsewhere', () => {
  const kept = join(dirname(dirname(file)), 'kept.json');
  writeFileSync(kept, '{"deadline": 5}');
  mkdirSync(dirname(file));
  symlinkSync(kept, file);
  writeSettings({ deadline: 6 }, file);
  expect(readlinkSync(file)).toBe(kept);
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ deadline: 6 });
});

test('writes to where a link leads, though nothing is there yet', () => {
  const kept = join(dirname(dirname(file)), 'dotfiles/kept.json');
  mkdirSync(dirname(file));
  symlinkSync('../dotfiles/kept.json', file);
  writeSettings({ deadline: 6 }, file);
  expect(readlinkSync(file)).toBe('../dotfiles/kept.json');
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ deadline: 6 });
});

test.each([
  [{}, 'ask'],
  [{ all: 'hint' }, 'hint'],
  [{ all: 'hint', gdb: 'attach' }, 'attach'],
  [{ strace: 'attach' }, 'ask'],
] as const)('with %j the answer for gdb is %s', (onRefusal, answer) => {
  expect(rememberedAnswer({ ...DEFAULTS, onRefusal }, 'gdb')).toBe(answer);
});

test('changes one setting and leaves the others', () => {
  const said = { onRefusal: { gdb: 'hint', all: 'attach' }, deadline: 5 } as const;
  expect(change(said, 'deadline', '60')).toEqual({ ...said, deadline: 60 });
  expect(change(said, 'deadline', undefined)).toEqual({ onRefusal: said.onRefusal });
  expect(change(said, 'onRefusal.gdb', 'ask')).toEqual({ ...said, onRefusal: { gdb: 'ask', all: 'attach' } });
  expect(change(said, 'onRefusal.gdb', undefined)).toEqual({ ...said, onRefusal: { all: 'attach' } });
  expect(() => change(said, 'deadline', '0x10')).toThrow('deadline: not a whole number');
});

test('writes what differs from the defaults, so that later ones hold for everybody', () => {
  writeSettings({ ...DEFAULTS, onRefusal: { gdb: 'attach' } }, file);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ onRefusal: { gdb: 'attach' } });
  writeSettings(DEFAULTS, file);
  expect(readSaid(file)).toEqual({ said: {} });
  expect(existsSync(file)).toBe(false);
});

test('removes the file and its directory, but not what else is in there', () => {
  writeSettings({ deadline: 5 }, file);
  writeFileSync(join(dirname(file), 'own'), '');
  removeSettings(file);
  expect(readdirSync(dirname(file))).toEqual(['own']);
  rmSync(join(dirname(file), 'own'));
  removeSettings(file);
  expect(readdirSync(dirname(dirname(file)))).toEqual([]);
});
