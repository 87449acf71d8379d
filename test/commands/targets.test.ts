import { expect, test } from 'vitest';
import { findOwnTargets } from '../../src/commands/targets.ts';
import { procTree } from '../kernel/fixtures.ts';

const shared = procTree('shared');

test.each([
  [['server'], 2000, [500]],
  [['server'], 2001, [501]],
  [['server'], 2002, [500, 501]], // to be told why not
  [['501', 'server'], 2000, [501, 500]],
])('%j is, for user %i, %j', (names, uid, pids) => {
  expect(findOwnTargets(names, shared, uid)).toEqual(pids);
});
