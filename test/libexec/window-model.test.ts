import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Admin, decide, ends, type State, type Value, type Window, type World } from './window-model.ts';

const HELPER = new URL('../../libexec/ptrace-scope-window', import.meta.url);

describe('in every order of the steps of two windows, with kills and an administrator', () => {
  const window = (id: string, want: 0 | 1, { rests = false, timer = false, kills = 2 } = {}): Window => ({
    ...{ id, want, rests, kills, found: 2, ours: '' },
    ...{ keeper: 'lock', guardian: 'absent', timer: timer ? 'watch' : 'absent' },
  });
  const admins: (Admin | undefined)[] = [
    undefined,
    { write: 0 },
    { write: 1 },
    { write: 2 },
    'removes the state',
  ];
  const starts = ([1, 2] as const).flatMap((scope) =>
    [false, true].flatMap((timer) =>
      admins.map((admin) => ({ scope, timer, admin, name: JSON.stringify(admin) ?? 'nobody' })),
    ),
  );

  test.each(starts)(
    'none ends below $scope (timer: $timer, administrator: $name)',
    ({ scope, timer, admin }) => {
      // Without a timer nobody would be left that knows.
      const kills = admin === 'removes the state' ? 1 : 2;
      const kinds: [Window, Window][] = [
        [window('A', 0, { timer, kills, rests: true }), window('B', 1, { timer, kills })],
        [window('A', 0, { timer, kills }), window('B', 0, { timer, rests: true, kills: 1 })],
      ];
      for (const windows of kinds) {
        const start: World = { scope, state: 'empty', lock: undefined, windows, admin };
        const least = admin && typeof admin === 'object' ? Math.min(scope, admin.write) : scope;
        for (const { world, way } of ends(start)) {
          const after = leave(world);
          if (after < least) expect.fail(`${after}:\n${way.map((each) => JSON.stringify(each)).join('\n')}`);
        }
      }
    },
    120_000,
  );

  /** The next window raises first what is left; when all processes were killed and nothing of systemd's was there. */
  function leave({ scope, state }: World): Value {
    if (typeof state !== 'object') return scope;
    const decision = decide({ scope, state }, state.id, state);
    return decision.settled ? scope : (decision.write ?? scope);
  }
});

describe.each([['dash'], ['bash', '--posix'], ['busybox', 'sh']])('%s does as the model', (...shell) => {
  const folder = mkdtempSync(join(tmpdir(), 'window-model-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [state, scope] = [join(folder, 'state'), join(folder, 'scope')];
  // The functions alone, with another place for what they write. The helper itself heeds no such word.
  const text = readFileSync(HELPER, 'utf8')
    .replace(/^RUN=.*$/m, `RUN=${folder}`)
    .replace(/^SCOPE=.*$/m, `SCOPE=${scope}`)
    .replace(/^main "\$@"$/m, '');

  /** Runs the lines after the functions. */
  function run(lines: string): string {
    const [file, ...args] = shell;
    return execFileSync(file!, [...args, '-c', `${text}\n${lines}`], { encoding: 'utf8' });
  }

  const states: State[] = ['gone', 'empty', 'nonsense'];
  for (const id of ['A', 'B']) {
    for (const [found, ours] of [
      [1, '0'],
      [2, '0'],
      [2, '01'],
      [2, '1'],
    ] as const) {
      states.push({ id, found, ours });
    }
  }
  const memories = [
    { found: 1, ours: '0' },
    { found: 2, ours: '01' },
    { found: 2, ours: '1' },
  ] as const;
  const values = [0, 1, 2] as const;

  function write(each: State): void {
    rmSync(state, { force: true });
    if (each === 'gone') return;
    const [first, ...added] = typeof each === 'object' ? each.ours : '';
    const line =
      typeof each === 'object' ? `0.1.0 ${each.found} ${first} ${each.id} 7 tool=gdb uid=1 x\n` : each;
    writeFileSync(state, each === 'empty' ? '' : line + added.map((value) => `${value}\n`).join(''));
  }

  test('raises what the model raises', () => {
    for (const each of states) {
      for (const value of values) {
        for (const memory of memories) {
          write(each);
          writeFileSync(scope, String(value));
          run(`found=${memory.found} ours=${memory.ours}; raise A attached || :`);
          const decision = decide({ scope: value, state: each }, 'A', memory);
          const expected = decision.settled ? value : (decision.write ?? value);
          const context = JSON.stringify({ each, value, memory });
          expect([context, readFileSync(scope, 'utf8')]).toEqual([context, String(expected)]);
          const settled = typeof each === 'object' && each.id !== 'A';
          expect([context, readFileSync(state, 'utf8') === '']).toEqual([context, !settled]);
        }
      }
    }
  });

  test('remembers, adds, and knows again what it has written', () => {
    const set = 'found=2 ours=01 want=0 me=7:8 opened=9 what="tool=gdb uid=5 x=y"';
    const read = 'read_state && echo "$found $ours $id $opened $what"';
    writeFileSync(scope, '0');
    expect(run(`${set}; remember; found=; ours=; ${read}`)).toBe('2 0 7:8 9 tool=gdb uid=5 x=y\n');
    expect(run(`${set}; restrict; ${read}`)).toBe('2 01 7:8 9 tool=gdb uid=5 x=y\n');
    expect(readFileSync(scope, 'utf8')).toBe('1');
    expect(run(`${set}; restore_leftover; echo "$how"`)).toBe('killed\n');
    expect([readFileSync(scope, 'utf8'), readFileSync(state, 'utf8')]).toEqual(['2', '']);
  });
});

test('the helper and the package have one version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(readFileSync(HELPER, 'utf8')).toContain(`\nVERSION=${version}\n`);
});
