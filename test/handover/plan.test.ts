import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { isExportable, renderExit, renderPlan } from '../../src/handover/plan.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']];
const EVALUATE = `ptrace_shim_exec() { exec "$ptrace_shim_real" "$@"; }
  ptrace_shim_real=$1; shift; plan=$(cat); eval "$plan"`;
const everyByte = String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index + 1));

describe.each(shells)('in %s %s', (...shell) => {
  /** Evaluates a plan as the shim does, with `program` for the real tool. */
  function evaluate(plan: string, program: string, args: string[] = []) {
    const [command, ...options] = shell;
    return execaSync(command!, [...options, '-c', EVALUATE, 'sh', program, ...args], {
      input: Buffer.from(plan, 'latin1'),
      encoding: 'latin1',
      env: { PATH: process.env.PATH, SHLVL: '1' },
      extendEnv: false,
      reject: false,
    });
  }

  test('carries every byte in a literal word', () => {
    const plan = renderPlan({ words: ['-n', everyByte] });
    const { stdout } = evaluate(plan, '/bin/echo');
    expect(stdout).toBe(everyByte);
  });

  test('carries every byte in a variable', () => {
    const plan = renderPlan({ environment: new Map([['HELD', everyByte]]), words: ['HELD'] });
    expect(evaluate(plan, '/usr/bin/printenv').stdout).toBe(everyByte);
  });

  test('refers to the words of the person by position, also beyond the ninth', () => {
    const args = Array.from({ length: 12 }, (_, index) => `word ${index + 1}`);
    const { stdout } = evaluate(renderPlan({ words: ['%s.', 12, 1, 'x y', 10] }), '/usr/bin/printf', args);
    expect(stdout).toBe('word 12.word 1.x y.word 10.');
  });

  test('hands over what was typed when the plan names no words', () => {
    expect(evaluate(renderPlan({}), '/usr/bin/printf', ['%s|', 'a b', '', "'"]).stdout).toBe("a b||'|");
  });

  test('puts another program in front of the real tool, or in its place', () => {
    const through = renderPlan({ through: ['/usr/bin/env', 'HELD=a b'] });
    expect(evaluate(through, '/usr/bin/printenv', ['HELD']).stdout).toBe('a b');
    const instead = renderPlan({ instead: ['printf', '<%s>', "it's"] });
    expect(evaluate(instead, '/no/such/tool', ['a b', '']).stdout).toBe("<it's><a b><>");
  });

  test('changes directory, mask and soft limit', () => {
    const plan = renderPlan({
      cwd: '/usr',
      umask: '0027',
      limits: { n: '77' },
      words: ['-c', '/bin/pwd; umask; ulimit -n'],
    });
    expect(evaluate(plan, '/bin/bash').stdout.split('\n').slice(0, 3)).toEqual(['/usr', '0027', '77']);
  });

  test('runs the tool of a relative PATH entry, whatever directory the plan changes to', () => {
    const [command, ...options] = shell;
    const plan = renderPlan({ cwd: '/', environment: new Map([['PWD', '/no/such']]), words: ['found'] });
    const { stdout } = execaSync(command!, [...options, '-c', EVALUATE, 'sh', 'bin/echo'], {
      input: plan,
      cwd: '/usr',
    });
    expect(stdout).toBe('found');
    const elsewhere = renderPlan({ cwd: '/tmp', words: ['found'] });
    const again = execaSync(command!, [...options, '-c', EVALUATE, 'sh', './echo'], {
      input: elsewhere,
      cwd: '/bin',
    });
    expect(again.stdout).toBe('found');
  });

  test('unsets what is to be unset', () => {
    const plan = renderPlan({ environment: new Map([['HELD', undefined]]), words: ['HELD'] });
    expect(evaluate(`export HELD=x\n${plan}`, '/usr/bin/printenv').exitCode).toBe(1);
  });

  test('leaves with the status asked for', () => {
    expect(evaluate(renderExit(130), '/bin/true').exitCode).toBe(130);
  });
});

test.each([
  ['PATH', true],
  ['_x9', true],
  ['9x', false],
  ['BASH_FUNC_f%%', false],
  ['a-b', false],
  ['UID', false],
  ['OPTIND', false],
  ['ptrace_shim_real', false],
  ['ptrace_shim_not_heard_of_yet', false],
  ['PTRACE_SHIM_ON_REFUSAL', true],
  ['', false],
])('knows whether sh can export %j: %s', (name, expected) => {
  expect(isExportable(name)).toBe(expected);
});
