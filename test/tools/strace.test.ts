import { describe, expect, it } from 'vitest';
import { strace } from '../../src/tools/strace.ts';
import type { Attach, Intent } from '../../src/tools/tool.ts';
import { surroundingsOf } from './real.ts';
import { attach as attachTo, launch, other, title } from './table.ts';

const attach = (targets: number[], rest: Partial<Attach> = {}) =>
  attachTo(targets, { threads: 'named', ...rest });
const all = { threads: 'all' } as const;
const launches = { launches: true };
const many = Array.from({ length: 10_000 }, (_, index) => `a${index}`);

const rows: [string[], Intent][] = [
  [[], other],
  [['-p', '12'], attach([12])],
  [['-p12'], attach([12])],
  [['-p=12'], other],
  [['-p'], other],
  [['-p', ''], other],
  [['-p', '', '-p', '12'], attach([12])],
  [['--attach', '12'], attach([12])],
  [['--attach=12'], attach([12])],
  [['--at=12'], attach([12])],
  [['--a=12'], other],
  [['--attach'], other],
  [['--pid', '12'], launch],
  [['--pid=12'], other],
  [['-attach', '12'], other],
  [['-pid', '12'], other],
  [['-fp12'], attach([12], all)],
  [['-ttTp', '12'], attach([12])],
  [['-p', '12', '-f'], attach([12], all)],
  [['-ff', '-o', 'log', '-p', '12'], attach([12], all)],
  [['-F', '-p', '12'], attach([12], all)],
  [['--follow-forks', '-p', '12'], attach([12], all)],
  [['--fo', '-p', '12'], attach([12], all)],
  [['-p', '12', '-p', '13'], attach([12, 13])],
  [['-p', '12,13'], attach([12, 13])],
  [['-p', '12 13'], attach([12, 13])],
  [['-p', '12\n13\n'], attach([12, 13])],
  [['-p', '12\t13,14'], attach([12, 13, 14])],
  [['-p', '12,,13'], attach([12, 13])],
  [['-p', ' 12'], attach([12])],
  [['-p', '12', '-p', '12'], attach([12])],
  [['-p', '+12'], attach([12])],
  [['-p', '012'], attach([12])],
  [['-p', '0x12'], other],
  [['-p', '12x'], other],
  [['-p', '12,x'], other],
  [['-p', '0'], other],
  [['-p', '-12'], other],
  [['-p', '9'.repeat(30)], other],
  [['-p', '4294967308'], other],
  [['-p', '1\xff'], other],
  [['-p', '12', 'ls'], attach([12], launches)],
  [['-p', '12', 'ls', '-p', '13'], attach([12], launches)],
  [['-D', '-p', '12', 'ls'], attach([12], launches)],
  [['-p', '12', '--', 'ls'], attach([12], launches)],
  [['-p', '12', '-'], attach([12], launches)],
  [['-p', '12', '--'], attach([12])],
  [['-p', '12', ''], other],
  [['-D', '-p', '12'], other],
  [['--daemonize', '-p', '12'], other],
  [['--argv0', 'x', '-p', '12'], other],
  [['ls'], launch],
  [['-f', 'ls', '-p', '12'], launch],
  [['--', '-p', '12'], launch],
  [['-o', '-p', '12'], launch],
  [['--output', '-p', '12'], launch],
  [['-olog', '-p', '12'], attach([12])],
  [['--output=log', '-p', '12'], attach([12])],
  [['--decode-fds', 'all', '-p', '12'], launch],
  [['--decode-fds=all', '-p', '12'], attach([12])],
  [['--quiet', '-p', '12'], attach([12])],
  [['--qui', '-p', '12'], attach([12])],
  [['--silen', '-p', '12'], attach([12])], // silent and silence are one option
  [['--failed', '-p', '12'], attach([12])],
  [['--su', '-p', '12'], other],
  [['--seccomp-bpf', '-f', '-p', '12'], attach([12], all)],
  [['--kill-on-exit', '-p', '12'], other],
  [['--kill-on-exit', 'ls'], launch],
  [['-h', '-p', '12'], other],
  [['-p', '12', '-V'], other],
  [['--help', '-p', '12'], other],
  [['--nosuch', '-p', '12'], other],
  [['-J', '-p', '12'], other],
  [['-fq=1', '-p', '12'], other],
  [['--debug=1', '-p', '12'], other],
  [['-s', 'x', '-p', '12'], other],
  [['-s', '1000', '-p', '12'], attach([12])],
  [['-I', '5', '-p', '12'], other],
  [['-I4', '-p', '12'], attach([12])],
  [['-c', '-C', '-p', '12'], other],
  [['-ff', '-c', '-p', '12'], other],
  [['-c', '--output-separately', '-p', '12'], other],
  [['-c', '-f', '--output-separately', '-p', '12'], attach([12], all)], // -f takes the other back
  [['-w', '-p', '12'], other],
  [['-cw', '-p', '12'], attach([12])],
  [['-q', '--quiet', '-p', '12'], other],
  [['-e', 'trace=open', '-E', 'A=b', '-u', 'me', '-P', '/x', '-p12'], attach([12])],
  [['-e\xff', '-p', '12'], attach([12])],
  [[...many, '-p', '12'], launch],
  [many.map(() => '-v').concat('-p', '12'), attach([12])],
];

describe('strace', () => {
  it.each(rows.map(([words, intent]) => ({ words, intent, line: title(words) })))(
    'reads: strace $line',
    ({ words, intent }) => {
      expect(strace.recognise(words, surroundingsOf())).toEqual(intent);
      expect(strace.recognise(words, surroundingsOf({ POSIXLY_CORRECT: '1' }))).toEqual(intent);
    },
  );
});
