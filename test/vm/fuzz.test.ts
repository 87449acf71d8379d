import { expect, test } from 'vitest';
import { fuzz } from '../storm/fuzz.ts';
import { connectVm } from './harness/connect.ts';

const vm = await connectVm();
const seed = Date.now() % 1_000_000;
const LISTS = 60;

/** Many more of them: `npm run storm -- --fuzz`. */
test(`the helper does nothing that it must not, whatever it is told (${LISTS} lists, seed ${seed})`, async () => {
  const { lists, answers } = await fuzz(vm, { lists: LISTS, seed });
  expect(lists).toBe(LISTS);
  expect(Object.keys(answers).length).toBeGreaterThan(3);
}, 600_000);
