import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { isExportable, renderPlan } from '../../src/handover/plan.ts';
import type { RunningProgram } from '../../src/remedy/running-program.ts';
import { planRelaunch, sendSignal, tellBefore } from '../../src/remedy/start-again.ts';
import { tools } from '../../src/tools/tools.ts';
import { procTree } from '../kernel/fixtures.ts';

type Variables = Readonly<Record<string, string>>;

const PERSON: Variables = { HOME: '/home/dev', PATH: '/usr/bin:/bin', TERM: 'xterm' };
const VALUE = 'what only the program may have';

function running(environment: Variables, more: Partial<RunningProgram> = {}): RunningProgram {
  return {
    pid: 4242,
    startTime: 5000,
    file: '/srv/orders-server',
    args: ['--port', '8080'],
    cwd: '/',
    environment: new Map(Object.entries(environment)),
    umask: '0027',
    limits: { n: '77' },
    remarks: [],
    ...more,
  };
}

function plan(name: 'gdb' | 'strace', environment: Variables, person: Variables = PERSON) {
  const surroundings = { env: person, list: () => [], find: () => [] };
  const refusal = { tool: tools[name], words: ['-p', '4242'], surroundings };
  return planRelaunch(refusal, running(environment), new Map(Object.entries(person)));
}

/** Evaluates the plan as the shim does, with `real` for the real tool. */
function evaluate(text: string, real: string, shell = ['dash']) {
  const script = `ptrace_shim_tool=strace; ptrace_shim_exec() { exec "$ptrace_shim_real" "$@"; }
    ptrace_shim_real=${real}; plan=$(cat); eval "$plan"`;
  return execaSync(shell[0]!, [...shell.slice(1), '-c', script, 'sh', '-p', '4242'], {
    input: Buffer.from(text, 'latin1'),
    env: PERSON,
    extendEnv: false,
    reject: false,
  });
}

const SHELLS = [['dash'], ['bash', '--posix'], ['busybox', 'sh']];

describe('the shim itself', () => {
  const shim = readFileSync(new URL('../../shims/shim', import.meta.url), 'utf8').split('\n# Called gdb')[0]!;
  const used = new Set(
    [...shim.matchAll(/\$\{?([A-Za-z_]\w*)|^ *([A-Za-z_]\w*)=/gm)].map((match) => match[1] ?? match[2]!),
  );

  test.each([...used].filter((name) => name.startsWith('ptrace_shim_')))(
    'cannot be told what %s is',
    (name) => {
      expect(isExportable(name)).toBe(false);
    },
  );

  test('uses no other variable once a plan is evaluated', () => {
    const others = [...used].filter((name) => !name.startsWith('ptrace_shim_')).sort();
    // PATH and IFS are read before; BASH_VERSINFO is not exportable either; the rest is the person's.
    expect(others).toEqual(['BASH_VERSINFO', 'IFS', 'NODE_OPTIONS', 'PATH', 'PTRACE_SHIM']);
    expect(isExportable('BASH_VERSINFO')).toBe(false);
  });

  test.each(SHELLS)('runs the real tool in %s, whatever the program calls its variables', (...shell) => {
    const evil = {
      ptrace_shim_real: '/bin/false',
      ptrace_shim_tool: 'evil',
      OPTIND: 'x',
      PPID: '1',
      UID: '0',
    };
    const planned = renderPlan(plan('strace', { ...evil, ODD: VALUE }));
    const { stdout, stderr } = evaluate(planned, '/bin/echo', shell);
    expect(stdout).toMatch(/ -- \/srv\/orders-server --port 8080$/);
    expect(stdout + stderr).not.toContain('evil');
  });
});

describe('gdb', () => {
  test.each([
    ...[
      'HOME',
      'XDG_CONFIG_HOME',
      'XDG_CACHE_HOME',
      'GDBHISTFILE',
      'GDBHISTSIZE',
      'INPUTRC',
      'PATH',
      'TERM',
      'TERMINFO',
    ],
    ...[
      'PYTHONPATH',
      'PYTHONSTARTUP',
      'GUILE_LOAD_PATH',
      'DEBUGINFOD_URLS',
      'LD_PRELOAD',
      'LD_AUDIT',
      'GLIBC_TUNABLES',
    ],
    ...[
      'MALLOC_CHECK_',
      'LOCPATH',
      'NLSPATH',
      'GCONV_PATH',
      'TZDIR',
      'LANG',
      'OPENSSL_CONF',
      'EDITOR',
      'NOT_HEARD_OF_YET',
    ],
  ])("keeps the person's %s, and the program gets its own", (name) => {
    const { environment, words, cwd } = plan('gdb', { [name]: VALUE });
    expect(environment!.has(name)).toBe(false);
    expect([...environment!.values()]).toContain(VALUE);
    expect(words!.join()).not.toContain(VALUE);
    expect(cwd).toBeUndefined();
  });

  test('starts programs by a POSIX shell, and stays in the directory, mask and limits of the person', () => {
    expect(plan('gdb', {}).environment!.get('SHELL')).toBe('/bin/sh');
    expect(plan('gdb', {})).not.toHaveProperty('umask');
    expect(plan('gdb', {})).not.toHaveProperty('limits');
  });

  test('shows nothing of the environment on a command line, not even a name', () => {
    const { words } = plan('gdb', { API_TOKEN: VALUE });
    expect(words!.join()).not.toMatch(/API_TOKEN|what only/);
  });
});

describe('strace', () => {
  test.each([
    ...[
      'HOME',
      'XDG_CACHE_HOME',
      'XDG_CONFIG_HOME',
      'PATH',
      'TERM',
      'NO_COLOR',
      'LD_PRELOAD',
      'LD_LIBRARY_PATH',
      'LD_AUDIT',
    ],
    ...[
      'GLIBC_TUNABLES',
      'MALLOC_CHECK_',
      'LOCPATH',
      'NLSPATH',
      'GCONV_PATH',
      'TZ',
      'TZDIR',
      'OPENSSL_CONF',
      'SHELL',
    ],
  ])("keeps the person's %s, and sets the program's own for it", (name) => {
    const { environment, words } = plan('strace', { ...PERSON, [name]: '/its' });
    expect(environment!.has(name)).toBe(false);
    expect(words!.join(' ')).toContain(`-E ${name}=/its `);
  });

  test.each([
    ...[
      'LD_ENV_Production',
      'LD_API_KEY',
      'MALLOC_TOKEN',
      'PYTHON_KEYRING',
      'TERM_TOKEN',
      'XDG_ACTIVATION_TOKEN',
    ],
    ...['API_TOKEN', 'PTRACE_SHIM_ON_REFUSAL', 'COLORTERM_X', 'DEBUG'],
  ])('carries %s in its environment, where nobody else reads it', (name) => {
    const { environment, words } = plan('strace', { ...PERSON, [name]: VALUE });
    expect(environment!.get(name)).toBe(VALUE);
    expect(words!.join()).not.toContain(VALUE);
  });

  test('carries over no URL that may hold a password and would steer it, and says so before', () => {
    const environment = { ...PERSON, DEBUGINFOD_URLS: VALUE };
    const planned = plan('strace', environment, { ...PERSON, DEBUGINFOD_URLS: 'https://own' });
    expect(planned.environment!.has('DEBUGINFOD_URLS')).toBe(false);
    expect(planned.words!.join(' ')).toContain('-E DEBUGINFOD_URLS -');
    expect(planned.words!.join()).not.toContain(VALUE);
    const told = tellBefore(tools.strace, running(environment), new Map());
    expect(told).toContain('the new one goes without these variables: DEBUGINFOD_URLS');
  });

  test('takes away what the program had not', () => {
    const { environment, words } = plan('strace', {}, { ...PERSON, OWN: 'x' });
    expect(environment!.get('OWN')).toBeUndefined();
    expect(environment!.has('OWN')).toBe(true);
    expect(words!.join(' ')).toContain('-E HOME -E');
  });

  test('starts in the directory, mask and limits of the program', () => {
    expect(plan('strace', {})).toMatchObject({ cwd: '/', umask: '0027', limits: { n: '77' } });
  });
});

describe('before the running one is stopped', () => {
  const ESCAPES = '\u001b[2J\u001b[HX\u009b1mY\nz\u202e';

  test('the names of lost variables are told escaped', () => {
    const name = Buffer.from(ESCAPES).toString('latin1');
    const program = running({ [name]: '1', 'a-b': '2', ptrace_shim_real: '/evil' });
    const [, lost] = tellBefore(tools.strace, program, new Map());
    const shown = '\\e[2J\\e[HX\\x9b1mY\\nz\\u{202e}';
    expect(lost).toBe(`the new one goes without these variables: ${shown}, a-b, ptrace_shim_real`);
  });

  test('the remarks come first, and nothing is lost where nothing is', () => {
    const program = running({ HOME: '/srv' }, { remarks: ['4242 runs under a seccomp filter'] });
    for (const tool of [tools.gdb, tools.strace]) {
      expect(tellBefore(tool, program, new Map())).toEqual([
        '4242 runs under a seccomp filter',
        'the new one reads and writes this terminal, wherever the old one did',
      ]);
    }
  });
});

describe('a signal', () => {
  const sent: unknown[] = [];
  const options = { proc: procTree('names'), kill: (...words: unknown[]) => sent.push(words) };

  test('goes to the process that was looked at first', () => {
    expect(sendSignal({ pid: 500, startTime: 5000 }, 'SIGTERM', options)).toBe(true);
    expect(sent.splice(0)).toEqual([[500, 'SIGTERM']]);
  });

  test('goes nowhere when another process has the id now, or none', () => {
    expect(sendSignal({ pid: 500, startTime: 4999 }, 'SIGTERM', options)).toBe(false);
    expect(sendSignal({ pid: 501, startTime: 5000 }, 'SIGTERM', options)).toBe(false);
    expect(sent).toEqual([]);
  });
});
