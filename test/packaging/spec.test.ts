import { expect, test } from 'vitest';
import { readSpec, renderSpec } from '../../packaging/fedora/spec.ts';

test('the spec names the version, the licences and the libraries of the bundle; else: npm run spec', () => {
  expect(readSpec()).toBe(renderSpec());
});
