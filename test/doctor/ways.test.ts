import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderFindings } from '../../src/commands/doctor.ts';
import { judgeCopies, judgeWay, type Way } from '../../src/doctor/ways.ts';
import { plant } from '../install/plant.ts';

const shim = { path: '/home/dev/.local/bin/gdb', shim: true };
const real = { path: '/usr/bin/gdb', shim: false };

/** A way on which nothing is wrong. */
const way: Way = {
  tool: 'gdb',
  typed: shim.path,
  found: [shim, real],
  own: '/opt/app/shims/shim',
  reached: '/opt/app/shims/shim',
  links: [shim.path],
  installed: 4,
  alike: true,
  mend: "echo 'export …' >>~/.bashrc",
};

const judge = (changes: Partial<Way>) => {
  const { level, message, help } = judgeWay({ ...way, ...changes });
  return `${level}: ${message}${help ? ` (${help})` : ''}`;
};

describe('judgeWay', () => {
  test('is content when typing the name reaches the shim, and that the real tool', () => {
    expect(judge({})).toMatchInlineSnapshot(
      `"ok: gdb reaches the shim (/home/dev/.local/bin) and then /usr/bin/gdb"`,
    );
    expect(judge({ typed: "alias gdb='gdb -q'" })).toMatch(/^ok/);
  });

  test('has the line for the rc file when PATH has the real tool first', () => {
    expect(judge({ typed: real.path, found: [real, shim], reached: undefined })).toMatchInlineSnapshot(
      `"broken: typing gdb runs /usr/bin/gdb, not the shim (echo 'export …' >>~/.bashrc)"`,
    );
  });

  test('says to install when nothing is installed', () => {
    const changes = {
      found: [real],
      reached: undefined,
      links: [],
      installed: 0,
      mend: 'ptrace-shim install',
    };
    expect(judge(changes)).toMatchInlineSnapshot(
      `"broken: typing gdb runs /usr/bin/gdb, not the shim (ptrace-shim install)"`,
    );
  });

  test('finds nothing broken in a tool that install was told to leave out', () => {
    expect(judge({ found: [real], reached: undefined, links: [] })).toMatchInlineSnapshot(
      `"note: gdb has no shim here (ptrace-shim install --tools gdb)"`,
    );
  });

  test('finds nothing broken in a tool that is not installed', () => {
    expect(judge({ found: [shim] })).toMatch(/^note: gdb is not installed/);
  });

  test('finds another copy in front', () => {
    expect(judge({ reached: '/opt/other/shims/shim' })).toMatch(
      /^broken: typing gdb reaches another copy .* \/opt\/other\/shims\/shim/,
    );
  });

  test('finds a shim that does not reach the real tool', () => {
    expect(judge({ alike: false })).toMatch(/^broken: .* answer --version differently/);
  });

  test.each(["alias gdb='/usr/bin/gdb -q'", "alias gdb='cgdb'", "alias gdb='gdb-multiarch'"])(
    'finds %s in the way',
    (typed) => {
      expect(judge({ typed })).toMatch(/^broken: gdb is an alias in your shell, for .* \(unalias gdb\)$/);
    },
  );

  test('cannot look into a function', () => {
    expect(judge({ typed: 'gdb' })).toMatch(/^note: gdb is a function/);
    expect(judge({ typed: 'function gdb' })).toMatch(/^note: gdb is a function/);
  });

  test('shows what the shell said escaped', () => {
    expect(judge({ typed: "alias gdb='\u001b[31m/x'" })).toContain('\\e[31m');
  });
});

test('tells of a copy that lies behind, and of none where there is none', () => {
  const root = plant({ 'app/shim': '', 'bin/gdb': 'link:../app/shim', 'copy/gdb': '' });
  const at = (path: string, shim = true) => ({ path: join(root, path), shim });
  const both = { own: join(root, 'app/shim'), reached: join(root, 'app/shim') };
  const found = [at('bin/gdb'), at('app/shim'), at('usr/gdb', false)];
  expect(judgeCopies([{ ...way, ...both, found }])).toEqual([]);
  expect(judgeCopies([{ ...way, ...both, found: [...found, at('copy/gdb')] }])).toMatchObject([
    { id: 'copies', level: 'note', help: `ls -l ${join(root, 'copy/gdb')}` },
  ]);
});

test('says what to type once where it helps against several findings', () => {
  const findings = [
    { id: 'gdb', level: 'broken', message: 'one', help: 'cure' },
    { id: 'strace', level: 'broken', message: 'two', help: 'cure' },
    { id: 'node', level: 'ok', message: 'three' },
  ] as const;
  expect(stripVTControlCharacters(renderFindings(findings))).toBe(
    'broken  one\nbroken  two\n          help: cure\nok      three\n',
  );
});
