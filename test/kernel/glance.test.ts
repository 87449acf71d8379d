import { describe, expect, test } from 'vitest';
import type { Scope } from '../../src/kernel/cause.ts';
import { glance, readViewer, type Viewer } from '../../src/kernel/glance.ts';
import { procTree } from './fixtures.ts';

const kinds = procTree('kinds');
const viewer = readViewer(kinds, '/nonexistent')!;
const at = (scope: Scope): Viewer => ({ ...viewer, scope });

describe('glance', () => {
  test.each([
    [0, { outcome: 'allowed' }],
    [undefined, { outcome: 'allowed' }],
    [1, { outcome: 'refused', cause: 'restricted', likely: true }],
    [2, { outcome: 'refused', cause: 'admin-only' }],
    [3, { outcome: 'refused', cause: 'no-attach' }],
  ] as const)('expects of a plain process at scope %s', (scope, expected) => {
    expect(glance(702, at(scope), kinds)).toEqual(expected);
  });

  test.each([
    [2, { outcome: 'refused', cause: 'kernel-thread' }],
    [700, { outcome: 'refused', cause: 'zombie' }],
    [703, { outcome: 'refused', cause: 'already-traced', tracer: 702 }],
    [704, { outcome: 'unknown' }],
    [9, undefined],
  ] as const)('knows %i without asking for the scope', (pid, expected) => {
    expect(glance(pid, at(0), kinds)).toEqual(expected);
  });

  test('allows everything below 3 to whoever holds CAP_SYS_PTRACE', () => {
    const root = (scope: Scope) => ({ ...at(scope), self: { ...viewer.self, capEff: 1n << 19n } });
    expect([1, 2, 3].map((scope) => glance(702, root(scope as Scope), kinds)?.outcome)).toEqual([
      'allowed',
      'allowed',
      'refused',
    ]);
  });

  test('blames deny_ptrace before the scope', () => {
    expect(glance(702, { ...at(1), denyPtrace: true }, kinds)).toEqual({
      outcome: 'refused',
      cause: 'selinux',
    });
  });
});
