import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../src');

/** The rooms and single files of src/: each imports only what stands beside it or above. */
const ORDER = [
  ['commander', 'failure', 'file-system', 'terminal'],
  ['kernel'],
  ['tools'],
  ['settings', 'surroundings'],
  ['machine'],
  ['decision', 'refusal'],
  ['handover'],
  ['say'],
  ['root'],
  ['remedy'],
  ['question'],
  ['install'],
  ['doctor'],
  ['commands'],
  ['command-line'],
  ['main', 'preflight', 'gdb-attach', 'no-child-process', 'one-prompt'],
];

function placeOf(file: string): number {
  const room = file.split('/')[0]!.replace(/\.ts$/, '');
  return ORDER.findIndex((names) => names.includes(room));
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

test.each(files)('%s imports from no room that comes later', (file) => {
  expect(placeOf(file)).not.toBe(-1);
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const imported = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    relative(SOURCE, resolve(SOURCE, file, '..', path!)),
  );
  expect(imported.filter((other) => placeOf(other) > placeOf(file))).toEqual([]);
});

test('no two files have one name', () => {
  const names = files.map((file) => file.split('/').pop()!);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

// src/one-prompt.ts has only the prompt that say/select.ts shows.
test('one file alone asks by inquirer', () => {
  const asking = files.filter((file) => /['"]@?inquirer\b/.test(readFileSync(join(SOURCE, file), 'utf8')));
  expect(asking.sort()).toEqual(['one-prompt.ts', 'say/select.ts']);
});
