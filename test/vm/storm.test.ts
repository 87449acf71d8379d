import { expect, test } from 'vitest';
import { connectVm } from './connect.ts';
import { storm } from './storm.ts';

const vm = await connectVm();
const seed = Date.now() % 1_000_000;

test(`the scope is what it was after 12 windows with a kill -9 in each (seed ${seed})`, async () => {
  const { windows, opened } = await storm(vm, { windows: 12, seed });
  expect(windows).toBe(12);
  expect(opened).toBeGreaterThan(2);
  expect(await vm.scope()).toBe(1);
}, 600_000);
