import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { renderPermission } from '../../src/commands/status.ts';
import { readPermissions } from '../../src/machine/history.ts';

const run = mkdtempSync(join(tmpdir(), 'ptrace-shim-history-'));
afterAll(() => rmSync(run, { recursive: true }));

test('a permission for one tool, one for every tool, and one that is taken back are told apart', () => {
  const lines = ['tool=gdb tracer=80:1250', 'tool=? tracer=any', 'tool=? tracer=none'].map(
    (words, second) => `2026-11-24T18:00:0${second}Z permit uid=2000 targets=77:1234 ${words}\n`,
  );
  writeFileSync(join(run, 'record.2000'), lines.join(''));
  const permissions = readPermissions(run, 5, 2000);
  expect(permissions.map(({ tracer }) => tracer)).toEqual(['none', 'any', 80]);
  expect(permissions.map(renderPermission)).toEqual([
    'nobody any more let in to 77, by uid 2000, 2026-11-24T18:00:02Z',
    'every tool let in to 77, by uid 2000, 2026-11-24T18:00:01Z',
    'gdb (80) let in to 77, by uid 2000, 2026-11-24T18:00:00Z',
  ]);
});
