import { expect, test } from 'vitest';
import { pick } from '../../src/question/ask.ts';
import type { Offer, Remembered } from '../../src/remedy/remedy.ts';

/** An offer as far as a remembered answer goes. */
function offer(id: Remembered, reason?: string, name: string | undefined = id): Offer {
  const answers: Remembered[] = id === 'relaunch' ? [id] : [id, 'attach'];
  return {
    id,
    reason,
    ...(name ? { name } : {}),
    does: () => '',
    remembered: { answers, failure: `no ${id}` },
    carryOut: async () => ({}),
  };
}

function picked(answer: Remembered, ...offers: Offer[]): string[] {
  const lines: string[] = [];
  const works = pick(answer, offers, { say: (line) => lines.push(line) });
  return [works?.id ?? 'asks', ...lines];
}

test('a remembered answer takes the narrowest way that works, and says what does not', () => {
  expect(picked('attach', offer('permit'), offer('window'))).toEqual(['permit']);
  expect(picked('attach', offer('permit', 'a filter'), offer('window'))).toEqual([
    'window',
    'ptrace-shim: lowering the scope: a filter',
  ]);
  expect(picked('attach', offer('permit', 'a filter'), offer('window', 'no sudo'))).toEqual([
    'asks',
    'ptrace-shim: no permit: a filter',
  ]);
  expect(picked('permit', offer('permit', 'a filter'))).toEqual(['asks', 'ptrace-shim: no permit: a filter']);
  expect(picked('relaunch', offer('relaunch', 'it has ended'))).toEqual([
    'asks',
    'ptrace-shim: no relaunch: it has ended',
  ]);
});

test('where a permission is not looked for, as for a launch, nothing is said of one', () => {
  const permit = offer('permit', 'there is no process', '');
  expect(picked('attach', permit, offer('window'))).toEqual(['window']);
  expect(picked('attach', permit, offer('window', 'scope 3'))).toEqual([
    'asks',
    'ptrace-shim: no window: scope 3',
  ]);
});
