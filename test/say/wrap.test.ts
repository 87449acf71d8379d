import { expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import { renderCircumstances } from '../../src/say/headline.ts';
import { wrap } from '../../src/say/wrap.ts';

test('breaks a long headline between words, and never before an option', () => {
  const text = "strace can't attach to 4194304: kernel.yama.ptrace_scope is 1 (restricted)";
  expect(wrap(text, 80, 'ptrace-shim: ', '  ')).toEqual([
    "ptrace-shim: strace can't attach to 4194304: kernel.yama.ptrace_scope is 1",
    '  (restricted)',
  ]);
  expect(wrap('type strace -p', 12)).toEqual(['type', 'strace -p']);
});

test.each([40, 60, 80])('shows what the target is, and why, in %i columns', (columns) => {
  const decision: Decision = {
    scope: 1,
    intent: { kind: 'attach', targets: [process.pid], threads: 'all', attaching: 'once' },
    verdicts: [{ pid: process.pid, outcome: 'refused', cause: 'restricted', evidence: [] }],
    targets: [],
    would: 'ask',
  };
  const lines = renderCircumstances('eu-stack', decision, columns);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  expect(lines.join('\n')).toMatch(/^ {2}target {3}\d+ [\s\S]*^ {2}why {6}at scope 1 /m);
});
