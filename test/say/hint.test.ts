import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import type { Cause } from '../../src/kernel/cause.ts';
import { renderHint } from '../../src/say/headline.ts';
import { strace } from '../../src/tools/strace.ts';

const folder = mkdtempSync(join(tmpdir(), 'ptrace-shim-hint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the shim says of `strace -p 4242` where nobody is asked. */
function hint(cause: Cause, program: string): string {
  const real = join(folder, 'strace');
  writeFileSync(real, program);
  const decision: Decision = {
    scope: 1,
    intent: { kind: 'attach', targets: [4242], threads: 'named', attaching: 'once' },
    verdicts: [{ pid: 4242, outcome: 'refused', cause, evidence: [] }],
    targets: [],
    would: 'hint',
  };
  return renderHint({
    tool: strace,
    real,
    words: [],
    tracer: 1,
    surroundings: { env: {}, list: () => [], find: () => [] },
    decision,
  });
}

const OLD = '\0Operation not permitted\0';
const SINCE_7_1 = '\0sysctl kernel.yama.ptrace_scope = %d may be restricting this attach\0';

test('a tool that says nothing of the scope has it said for it', () => {
  expect(hint('restricted', OLD)).toBe(
    "ptrace-shim: strace can't attach to 4242: kernel.yama.ptrace_scope is 1 (restricted) (see: ptrace-shim explain)",
  );
});

test('a tool that names the scope itself does not have it said twice', () => {
  expect(hint('restricted', SINCE_7_1)).toBe(
    "ptrace-shim: strace can't attach to 4242 (see: ptrace-shim explain)",
  );
});

test('another cause is named, whatever the tool says of the scope', () => {
  expect(hint('not-dumpable', SINCE_7_1)).toBe(
    "ptrace-shim: strace can't attach to 4242: it is not dumpable; ptrace_scope isn't the reason (see: ptrace-shim why 4242)",
  );
});
