import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { probeAttach, probeRead } from '../../src/kernel/access.ts';
import { renderUser } from '../../src/kernel/account.ts';
import { findProcesses } from '../../src/kernel/find.ts';
import { isDescendant } from '../../src/kernel/kinship.ts';
import { readPresence } from '../../src/kernel/presence.ts';
import { hasPtraceCapability, readStatus } from '../../src/kernel/proc-status.ts';
import { describeProcess, readWords, renderProcess } from '../../src/kernel/process.ts';
import { readScope } from '../../src/kernel/scope.ts';
import { deniesPtrace, readSelinux } from '../../src/kernel/selinux.ts';
import { isKernelThread, readStartTime } from '../../src/kernel/stat.ts';
import { procTree } from './fixtures.ts';

const family = procTree('family');
const names = procTree('names');

describe('readScope', () => {
  test.each([0, 1, 2, 3] as const)('reads %i', (scope) => {
    expect(readScope(procTree(`scope-${scope}`))).toBe(scope);
  });

  test('is undefined without Yama and for a value from a future kernel', () => {
    expect(readScope(names)).toBeUndefined();
    expect(readScope(procTree('scope-unheard-of'))).toBeUndefined();
  });
});

describe('readStatus', () => {
  test('reads what a set-uid program looks like', () => {
    expect(readStatus(600, procTree('privileged'))).toMatchObject({
      name: 'tool',
      state: 'R',
      uid: { real: 2000, effective: 0, saved: 0 },
      gid: { real: 2000, effective: 42, saved: 42 },
      noNewPrivs: true,
      seccomp: 2,
    });
  });

  test('knows a thread by its process', () => {
    expect(readStatus(301, family)).toMatchObject({ name: 'worker', tgid: 300, ppid: 200, threads: 2 });
  });

  test('is undefined when there is no such process', () => {
    expect(readStatus(9, family)).toBeUndefined();
  });

  test('tells CAP_SYS_PTRACE, bit 19, from its neighbours', () => {
    expect(hasPtraceCapability({ capEff: 0x80000n })).toBe(true);
    expect(hasPtraceCapability({ capEff: 0x40000n | 0x100000n })).toBe(false);
    expect(hasPtraceCapability(readStatus(600, procTree('privileged'))!)).toBe(true);
    expect(hasPtraceCapability(readStatus(300, family)!)).toBe(false);
  });
});

describe('a name that holds brackets, numbers and a newline', () => {
  test('does not move the start time', () => {
    expect(readStartTime(500, names)).toBe(5000);
  });

  test('is shown escaped', () => {
    expect(renderProcess(500, names)).toBe('x) R 1 (y\\n) Z 7 (500)');
  });
});

test('tells kernel threads from zombies, which have no memory either', () => {
  const kinds = procTree('kinds');
  expect(isKernelThread(2, kinds)).toBe(true);
  expect(isKernelThread(700, kinds)).toBe(false);
});

describe('isDescendant', () => {
  test.each([
    [300, 200, true, 'a child'],
    [300, 100, true, 'a grandchild'],
    [301, 200, true, 'a thread of a child'],
    [200, 200, true, 'the process itself'],
    [300, 301, true, 'a process and its own thread'],
    [200, 300, false, 'a parent'],
    [400, 100, false, 'a daemon that went to init'],
    [300, 9, false, 'an ancestor that is gone'],
    [9, 100, false, 'a target that is gone'],
  ])('of %i and %i is %s: %s', (pid, ancestor, is) => {
    expect(isDescendant(pid, ancestor, family)).toBe(is);
  });

  test('ends where reused pids close a circle', () => {
    expect(isDescendant(10, 12, procTree('circle'))).toBe(false);
    expect(isDescendant(10, 11, procTree('circle'))).toBe(true);
  });
});

describe('readPresence', () => {
  test('takes a living process without an entry in /proc for hidden', () => {
    expect(readPresence(process.pid, names)).toBe('hidden');
  });

  test('finds a thread', () => {
    expect(readPresence(301, family)).toBe('present');
  });

  test.each([0, -1, 1.5, 4_194_305, 1e30, Number.NaN, Number.POSITIVE_INFINITY])('has no %d', (pid) => {
    expect(readPresence(pid, family)).toBe('missing');
  });
});

describe('the probes', () => {
  const kinds = procTree('kinds');

  test('are allowed where there is something to read', () => {
    expect([probeRead(702, kinds), probeAttach(702, kinds)]).toEqual(['allowed', 'allowed']);
  });

  test('say nothing of a process without memory or none at all', () => {
    expect(probeRead(704, kinds)).toBe('nothing');
    expect(probeRead(9, kinds)).toBe('nothing');
    expect(probeAttach(9, kinds)).toBe('nothing');
  });
});

describe('readSelinux', () => {
  test.each([
    ['1 1', '1', true],
    ['1 0', '1\n', true],
    ['0 1', '1', false], // on from the next commit of the booleans only
    ['1 1', '0', false], // permissive
    ['0 0', '1', false],
  ])('with deny_ptrace "%s" and enforce "%s": %s', async (boolean, enforce, denies) => {
    const sys = mkdtempSync(join(tmpdir(), 'sys-'));
    onTestFinished(() => rmSync(sys, { recursive: true }));
    await mkdir(join(sys, 'fs/selinux/booleans'), { recursive: true });
    writeFileSync(join(sys, 'fs/selinux/booleans/deny_ptrace'), boolean);
    writeFileSync(join(sys, 'fs/selinux/enforce'), enforce);
    expect(deniesPtrace(readSelinux(sys))).toBe(denies);
  });

  test('is undefined where SELinux is off', () => {
    expect(readSelinux(names)).toBeUndefined();
    expect(deniesPtrace(undefined)).toBe(false);
  });
});

describe('describeProcess', () => {
  test('tells name, command line, user and age', () => {
    expect(describeProcess(300, family)).toEqual({
      pid: 300,
      name: 'server',
      commandLine: './server --port 8080 --name=é\ufffd',
      user: renderUser(2000),
      yours: false,
      age: 4970, // up 5000.25 s, started 30 s after the boot
    });
  });

  test('puts the name in brackets where there is no command line', () => {
    expect(describeProcess(1, family)?.commandLine).toBe('[systemd]');
  });

  test('shows what would move the cursor escaped', () => {
    expect(describeProcess(500, names)?.commandLine).toBe('a \\e[2Jb\\nc');
  });

  test('is undefined when it is gone', () => {
    expect(describeProcess(9, family)).toBeUndefined();
  });
});

test('reads the words of a command line as bytes, a rewritten title as one', () => {
  expect(readWords(300, family).map((word) => word.toString('latin1'))).toEqual([
    './server',
    '--port',
    '8080',
    '--name=\u00c3\u00a9\u00ff',
  ]);
  expect(readWords(500, names)).toHaveLength(1);
  expect(readWords(1, family)).toEqual([]);
});

describe('findProcesses', () => {
  test.each([
    ['server', [300]],
    ['gdb', [200]],
    ['orders-server-daemon', [400]], // comm has room for 15 characters only
    ['orders-server-d', [400]],
    ['systemd', [1]],
    ['nosuch', []],
  ])('finds %s', (name, pids) => {
    expect(findProcesses(name, family)).toEqual(pids);
  });
});
