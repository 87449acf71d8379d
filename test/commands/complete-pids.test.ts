import { expect, test } from 'vitest';
import { findCandidates, renderCandidates } from '../../src/commands/complete-pids.ts';
import { procTree } from '../kernel/fixtures.ts';

const roots = { proc: procTree('kinds'), sys: '/nonexistent' };

test('lists your own processes, each with what an attach may expect', () => {
  const states = findCandidates([2, 700, 702, 703], roots).map(({ pid, state }) => [pid, state]);
  expect(states).toEqual([
    [700, 'has ended'],
    [702, 'likely refused: scope 1'],
    [703, 'traced by plain (702)'],
  ]);
});

test('never lists kernel threads', () => {
  expect(findCandidates([2], roots)).toEqual([]);
});

test('cuts the command line, and never what is beside it', () => {
  const long = {
    pid: 4242,
    age: '2 h',
    commandLine: `./server ${'x'.repeat(100)} --end`,
    state: 'refused: scope 2',
  };
  const short = { pid: 7, age: '12 min', commandLine: './a', state: '' };
  expect(renderCandidates([short, long], 80)).toMatchInlineSnapshot(`
    "7	12 min  ./a
    4242	   2 h  ./server xxxxxxx…xxxxxxxxxx --end (refused: scope 2)
    "
  `);
});
