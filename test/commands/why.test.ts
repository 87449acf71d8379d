import { describe, expect, test } from 'vitest';
import { judgeTargets, renderVerdict } from '../../src/commands/why.ts';
import { Failure } from '../../src/failure.ts';
import type { Cause } from '../../src/kernel/cause.ts';
import { procTree } from '../kernel/fixtures.ts';

const kinds = procTree('kinds');

describe('judgeTargets', () => {
  test('takes ids and names, and asks for each process once', () => {
    const verdicts = judgeTargets(['702', 'ended', '2', '702'], 702, kinds);
    expect(verdicts.map(({ pid, name }) => [pid, name])).toEqual([
      [702, 'plain'],
      [700, 'ended'],
      [2, 'kthreadd'],
    ]);
  });

  test('has no name for what cannot be seen', () => {
    expect(judgeTargets(['4194305'], 702, kinds)).toMatchObject([{ pid: 4_194_305, name: null }]);
  });

  test('takes a number of thirty digits for a process that is not there', () => {
    expect(judgeTargets(['9'.repeat(30)], 702, kinds)).toMatchObject([{ cause: 'no-such-process' }]);
  });

  test('fails for a name that no process has, shown escaped', () => {
    expect(() => judgeTargets(['no\u001bsuch'], 702, kinds)).toThrow(
      'no process that you can see is called no\\esuch',
    );
  });

  test('fails for a tracer that is not there', () => {
    expect(() => judgeTargets(['702'], 4_194_305, kinds)).toThrow(Failure);
  });
});

describe('renderVerdict', () => {
  const refused = (cause: Cause, evidence: string[] = [], tracer?: number) =>
    renderVerdict({ pid: 4242, name: 'sleep', outcome: 'refused', cause, evidence, tracer });

  test('says what holds, how we know and what to type, nothing twice', () => {
    const evidence = ['4242 is not a descendant of gdb (3991)', 'kernel.yama.ptrace_scope is 1 (restricted)'];
    expect(refused('restricted', evidence)).toMatchInlineSnapshot(`
      "4242 (sleep): attaching is refused: kernel.yama.ptrace_scope is 1 (restricted)
        note: 4242 is not a descendant of gdb (3991)
        help: ptrace-shim with 4242 -- strace -p 4242, or for all of your tools: ptrace-shim allow 4242
      "
    `);
  });

  test('gives no advice where there is none', () => {
    expect(refused('zombie', ['4242 has ended'])).toMatchInlineSnapshot(`
      "4242 (sleep): attaching is refused: it has ended
        note: 4242 has ended
      "
    `);
  });

  test('says that it does not know', () => {
    const verdict = {
      pid: 4242,
      name: null,
      outcome: 'unknown',
      evidence: ['there is no Yama here'],
    } as const;
    expect(renderVerdict(verdict)).toMatchInlineSnapshot(`
      "4242: attaching may be refused
        note: there is no Yama here
      "
    `);
  });

  test('says that it is allowed', () => {
    expect(renderVerdict({ pid: 4242, name: 'sleep', outcome: 'allowed', evidence: [] })).toBe(
      '4242 (sleep): attaching is allowed\n',
    );
  });

  test('never advises the shim to lower a scope that stays', () => {
    expect(refused('no-attach')).not.toContain('with');
  });
});
