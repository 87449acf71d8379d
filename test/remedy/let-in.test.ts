import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import { identify } from '../../src/kernel/stat.ts';
import { leadersOf, readTarget } from '../../src/kernel/target.ts';
import { whyNotLetIn } from '../../src/remedy/let-in.ts';
import { whyNoPermission } from '../../src/remedy/permit.ts';
import { tools } from '../../src/tools/tools.ts';

/** An attach of gdb to this very process, which the scope refuses. */
const REFUSED: Decision = {
  scope: 1,
  intent: { kind: 'attach', targets: [process.pid], threads: 'all', attaching: 'once' },
  verdicts: [{ pid: process.pid, outcome: 'refused', cause: 'restricted', evidence: [] }],
  targets: [readTarget(process.pid)],
  would: 'ask',
};

describe('a permission', () => {
  test('can help where the scope is 1 and the target runs untraced', () => {
    expect(whyNoPermission(tools.gdb, REFUSED)).toBeUndefined();
  });

  test.each([
    ['at scope 2', { scope: 2 }, 'at scope 2 the kernel heeds no permission'],
    ['for a launch', { intent: { kind: 'launch' } }, 'there is no process to attach to'],
  ] as const)('cannot help %s', (_, change, why) => {
    expect(whyNoPermission(tools.gdb, { ...REFUSED, ...change })).toBe(why);
  });

  test('cannot help a tool that reads the scope itself', () => {
    expect(whyNoPermission(tools.heaptrack, REFUSED)).toBe(
      'heaptrack reads the scope itself, and gives up above 0',
    );
  });

  test('cannot help for more processes than the helper takes, nor for one that has ended', () => {
    expect(
      whyNotLetIn(
        1,
        Array.from({ length: 65 }, () => readTarget(process.pid)),
      ),
    ).toBe('a permission can be given for 64 processes at once');
    expect(whyNotLetIn(1, [readTarget(2 ** 22 + 1)])).toBe(`${2 ** 22 + 1} has ended`);
  });

  test('is asked for once, of the process, where two of its threads are named', () => {
    const threads = readdirSync('/proc/self/task').map((thread) => readTarget(Number(thread)));
    expect(threads.length).toBeGreaterThan(1);
    expect(leadersOf(threads)).toEqual([identify(process.pid)]);
  });
});
