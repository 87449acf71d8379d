import { expect, test } from 'vitest';
import { connectVm } from './connect.ts';
import { fuzz } from './fuzz.ts';
import { storm } from './storm.ts';

const vm = await connectVm();
const seed = Date.now() % 1_000_000;

test(`the scope is what it was after 25 windows with a kill -9 in each (seed ${seed})`, async () => {
  const { windows, opened } = await storm(vm, { windows: 25, seed });
  expect(windows).toBe(25);
  expect(opened).toBeGreaterThan(5);
  expect(await vm.scope()).toBe(1);
}, 600_000);

test(`300 argument lists drawn at random change nothing that they may not (seed ${seed})`, async () => {
  const { lists, opened } = await fuzz(vm, { lists: 300, seed });
  expect(lists).toBe(300);
  expect(opened).toBeGreaterThan(5);
}, 600_000);
