import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import { readTarget } from '../../src/kernel/target.ts';
import { waitFor } from '../../src/remedy/window.ts';
import { gdb } from '../../src/tools/gdb.ts';
import { strace } from '../../src/tools/strace.ts';

const thread = readdirSync('/proc/self/task')
  .map(Number)
  .find((id) => id !== process.pid)!;

/** An attach to these threads, of which the scope refuses some. */
function attach(targets: readonly number[], refused = targets): Decision {
  return {
    scope: 1,
    intent: { kind: 'attach', targets, threads: 'all', attaching: 'once' },
    verdicts: targets.map((pid) =>
      refused.includes(pid)
        ? { pid, outcome: 'refused', cause: 'restricted', evidence: [] }
        : { pid, outcome: 'allowed', evidence: [] },
    ),
    targets: targets.map(readTarget),
    would: 'ask',
  };
}

test('a window waits for all threads, but where gdb takes a thread alone', () => {
  expect(waitFor(gdb, attach([process.pid]))).toBe('all');
  expect(waitFor(gdb, attach([thread]))).toBe('named');
  expect(waitFor(strace, attach([thread]))).toBe('all');
});

test('what the scope does not refuse does not matter for that', () => {
  expect(waitFor(gdb, attach([thread, process.pid], [process.pid]))).toBe('all');
  expect(waitFor(gdb, attach([process.pid, thread], [thread]))).toBe('named');
});

test('a launch waits for the child', () => {
  expect(waitFor(gdb, { ...attach([]), intent: { kind: 'launch' } })).toBe('child');
});
