import { describe, expect, it } from 'vitest';
import { euStack } from '../../src/tools/eu-stack.ts';
import type { Attach, Intent } from '../../src/tools/tool.ts';
import { surroundingsOf } from './real.ts';
import { attach as attachTo, other, title } from './table.ts';

const attach = (targets: number[], rest: Partial<Attach> = {}) =>
  attachTo(targets, { attaching: 'until-exit', ...rest });
const named = { threads: 'named' } as const;

const rows: [string[], Intent][] = [
  [[], other],
  [['-p', '12'], attach([12])],
  [['-p12'], attach([12])],
  [['--pid', '12'], attach([12])],
  [['--pid=12'], attach([12])],
  [['--pi', '12'], attach([12])],
  [['--p', '12'], other],
  [['-pid', '12'], other],
  [['-p=12'], other],
  [['-p'], other],
  [['-p', ''], other],
  [['-p', '0x12'], other],
  [['-p', '12x'], attach([12])],
  [['-p', '12,13'], attach([12])],
  [['-p', ' 012'], attach([12])],
  [['-p', '+12'], attach([12])],
  [['-p', '-12'], other],
  [['-p', '-12', '-p', '12'], attach([12])],
  [['-p', '0', '-p', '12'], other],
  [['-p', '11', '-p', '12'], attach([12])],
  [['-p', '9'.repeat(30)], other],
  [['-p', '4294967308'], attach([12])], // cut to an int
  [['-1', '-p', '12'], attach([12], named)],
  [['-1p12'], attach([12], named)],
  [['-qvp', '12', '-n', '3', '-1'], attach([12], named)],
  [['-1'], other],
  [['-l', '-p', '12'], attach([12])],
  [['-n3', '-p', '12'], attach([12])],
  [['-n', '-p', '12'], other],
  [['-p', '12', '--'], attach([12])],
  [['-p', '12', 'x'], other],
  [['-p', '12', '--', 'x'], other],
  [['12'], other],
  [['-p', '12', ''], other],
  [['-p', '12', '--core', 'x'], other],
  [['-p', '12', '-e', 'x'], other],
  [['-p', '12', '--debuginfo-path=x', '--program-name=y'], attach([12])],
  [['--help', '-p', '12'], other],
  [['-?', '-p', '12'], other],
  [['-p', '12', '--usage'], other],
  [['-p', '12', '-V'], other],
  [['-p', '12', '--nosuch'], other],
  [['-p', '12', '-\xff'], other],
  [Array.from({ length: 10_000 }, () => '-v').concat('-p', '12'), attach([12])],
];

describe('eu-stack', () => {
  it.each(rows.map(([words, intent]) => ({ words, intent, line: title(words) })))(
    'reads: eu-stack $line',
    ({ words, intent }) => {
      expect(euStack.recognise(words, surroundingsOf())).toEqual(intent);
      expect(euStack.recognise(words, surroundingsOf({ POSIXLY_CORRECT: '1' }))).toEqual(intent);
    },
  );
});
