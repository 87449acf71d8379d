import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { LAUNCHER, renderLauncher } from '../../src/handover/launcher.ts';
import type { PlanWord, Program } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';
import { surroundingsOf, Workbench } from './real.ts';

const program: Program = { file: '/srv/orders server', args: ['--port', '80', '', '-p'], env: new Map() };
const atStart = [
  '-ex',
  'with breakpoint pending off -- start',
  '-ex',
  'eval "%c%cstarti", 32 + $_thread, 32 + 3 * $_thread',
];

describe('relaunch under gdb', () => {
  const rows: [string[], PlanWord[]][] = [
    [['-p', '12'], []],
    [['-p=12', '-q'], [2]],
    [
      ['-q', 'prog', '12', '-nx'],
      [1, 4],
    ],
    [['--', 'prog', '12'], []],
    [
      ['-e', 'prog', '-s', 'syms', '-p', '12', '-p', '13', '-d', '/src'],
      [9, 10],
    ],
    [
      ['-p', '12', '-iex', 'echo', '-x', 'file', '-ex', 'bt'],
      [3, 4, ...atStart, 5, 6, 7, 8],
    ],
    [
      ['-ex', 'attach 12', '-q'],
      [...atStart, 3],
    ],
    [
      ['-batch', '-ex', 'echo', '--ex=attach 12', '-ex', 'bt'],
      [1, 2, 3, ...atStart, 5, 6],
    ],
    [
      ['-iex', 'attach 12', '-ex', 'bt'],
      [...atStart, 3, 4],
    ],
    [
      ['-batch', '-p', '12'],
      [1, ...atStart],
    ],
    [
      ['-p', '12', '-ex', 'run'],
      [3, 4],
    ],
    [['-q', '-p', '12', '--args', 'prog', 'x'], [1]],
  ];
  it.each(rows)('takes the attach out of %j', (words, kept) => {
    const planned = tools.gdb.relaunch!(words, program, surroundingsOf());
    expect(planned).toEqual([...kept, '--args', program.file, ...program.args]);
  });

  it('names a file that is no path as one', () => {
    for (const file of ['server', '-server', '-x/server', '~server']) {
      const planned = tools.gdb.relaunch!(['-p', '12'], { ...program, file, args: [] }, surroundingsOf());
      expect(planned).toEqual(['--args', `./${file}`]);
    }
  });
});

describe('relaunch under strace', () => {
  const rows: [string[], PlanWord[]][] = [
    [['-p', '12'], []],
    [['-fp12'], ['-f']],
    [
      ['-ttTfp', '12', '-o', 'log'],
      ['-ttTf', 3, 4],
    ],
    [
      ['-f', '--attach=12', '--att', '13', '-p', '14,15', '-e', 'trace=open'],
      [1, 7, 8],
    ],
    [
      ['-o', '-p', '-p', '12', '--'],
      [1, 2],
    ],
    [['-p', '12', '-f', 'ls', '-p'], [3]],
  ];
  it.each(rows)('takes the attach out of %j', (words, kept) => {
    const planned = tools.strace.relaunch!(words, program, surroundingsOf());
    expect(planned).toEqual([...kept, '--', program.file, ...program.args]);
  });
});

describe('a relaunched program', () => {
  const bench = new Workbench();
  const stripped = join(bench.directory, 'stripped');
  const showing = join(bench.directory, '-showing'); // a name that tools take for an option
  execaSync('strip', ['-o', stripped, bench.target]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  writeFileSync(showing, '#!/bin/sh\nprintf "%s|" "$TERM" "${LINES-unset}" "$ODD" "$@"\n', { mode: 0o755 });
  afterAll(() => bench.close());

  const env = new Map([
    ['TERM', "the person's $own"],
    ['LINES', undefined],
    ['ODD', '~ "x" \\ $(y) =\t;#'],
  ]);
  const variables = [...env].map(([name, program]) => ({ name, program }));
  const args = ['', 'a  b', "it's", '"', '\\', '$HOME', '*', '-p', '!', 'new\nline'];
  const seen = `the person's $own|unset|~ "x" \\ $(y) =\t;#|${args.map((arg) => `${arg}|`).join('')}`;

  it.each([
    ['strace', ['-o', '/dev/null', '-fp', '12']],
    ['gdb', ['-nx', '-batch', '-p', '12', '-ex', 'run']],
  ] as const)('sees its own environment and arguments under %s', async (name, words) => {
    // gdb runs binaries only: a script is the argument of its interpreter.
    const started =
      name === 'gdb'
        ? { file: '/bin/sh', args: ['./-showing', ...args], env: new Map(), launcher: LAUNCHER }
        : { file: '-showing', args, env };
    const carried = name === 'gdb' ? Object.fromEntries(renderLauncher({}, variables)) : {};
    const planned = tools[name].relaunch!(words, started, surroundingsOf());
    const { stdout } = await execa(name, render(words, planned), {
      cwd: bench.directory,
      env: { HOME: bench.directory, LINES: '7', TERM: 'dumb', SHELL: '/bin/sh', ...carried },
      stdin: 'ignore',
    });
    expect(stdout).toContain(seen);
  });

  it.each([
    ['at main', bench.target, 'main ()'],
    ['at its first instruction, where main is not known', stripped, '_start ()'],
  ])('is stopped %s for the commands that gdb was given', async (_, file, frame) => {
    const words = ['-nx', '-batch', '-p', '12', '-ex', 'bt'];
    const planned = tools.gdb.relaunch!(words, { file, args: [], env: new Map() }, surroundingsOf());
    const { stdout } = await execa('gdb', render(words, planned), { stdin: 'ignore' });
    expect(stdout).toMatch(/^#0 /m);
    expect(stdout).toContain(frame);
  });
});

function render(words: readonly string[], planned: readonly PlanWord[]): string[] {
  return planned.map((word) => (typeof word === 'number' ? words[word - 1]! : word));
}
