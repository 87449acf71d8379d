import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findAttachees } from '../../src/tools/gdb-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'gdb-session-'));
const script = join(folder, 'script');
writeFileSync(script, 'set confirm off\nattach 4242\n');
afterAll(() => rmSync(folder, { recursive: true }));

const typed = (...commands: string[]) =>
  commands.map((command, index) => `${String(index + 1).padStart(5)}  ${command}\n`).join('');

test.each<[string, string, string[], number[]]>([
  ['what was typed last comes first', typed('attach 100', 'attach 200'), [], [200, 100]],
  ['the number of a command is none', typed('info threads'), ['-q'], []],
  ['a hexadecimal id', typed('attach 0x1f'), [], [31]],
  ['no part of a word, a fraction or an address', typed('print a1 1.5 0x7ffff7fe3000 x.2'), [], []],
  ['the command line comes after', typed('attach $p'), ['-ex', 'set $p = 300'], [300]],
  ['a script of the command line', '', ['-x', script], [4242]],
  ['a script that is sourced', typed(`source ${script}`), [], [4242]],
  ['a script before what was typed earlier', typed('attach 100', `source ${script}`), [], [4242, 100]],
  ['no device, which may never end', '', ['/dev/zero'], []],
  ['no program, however many numbers it holds', '', ['/bin/sh'], []],
])('%s', (_, text, words, pids) => {
  expect(findAttachees(text, words)).toEqual(pids);
});
