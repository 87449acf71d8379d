import { expect, test } from 'vitest';
import { storm } from '../storm/storm.ts';
import { connectVm } from './harness/connect.ts';

const vm = await connectVm();
const seed = Date.now() % 1_000_000;
const WINDOWS = 6;

/** Many more of them: `npm run storm`. */
test(`the scope is what it was after ${WINDOWS} windows with a kill -9 in each (seed ${seed})`, async () => {
  const { windows, waves, opened } = await storm(vm, { windows: WINDOWS, seed });
  expect(windows).toBe(WINDOWS);
  expect(opened).toBeGreaterThanOrEqual(waves);
  expect(await vm.scope()).toBe(1);
}, 600_000);
