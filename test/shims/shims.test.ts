import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** Without Yama, or at scope 0, the shim only ever hands over: what it hands over to, and how, shows on any machine. */
const SHIMS = join(import.meta.dirname, '../../shims');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ptrace-shim-shims-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A directory with a fake tool that prints the path it was run by and its arguments. */
function addTool(directory: string, tool = 'gdb'): string {
  mkdirSync(join(home, directory), { recursive: true });
  const file = join(home, directory, tool);
  writeFileSync(file, '#!/bin/sh\nprintf "%s" "$0"\nprintf "<%s>" "$@"\nexit 7\n');
  chmodSync(file, 0o755);
  return file;
}

/** A second installation. */
function addCopy(directory: string): string {
  cpSync(SHIMS, join(home, directory), { recursive: true, verbatimSymlinks: true });
  return join(home, directory);
}

describe.each([['dash'], ['bash', '--posix'], ['busybox', 'sh']])('in %s', (...shell) => {
  function run(
    shim: string,
    path: string[],
    args: string[] = ['x'],
    options: { cwd?: string; uid?: number; gid?: number } = {},
  ) {
    const [command, ...rest] = shell;
    return execaSync(`/usr/bin/${command}`, [...rest, shim, ...args], {
      env: { PATH: path.join(':'), SHLVL: '1' },
      extendEnv: false,
      encoding: 'latin1',
      reject: false,
      timeout: 10_000,
      cwd: home,
      ...options,
    });
  }

  test('hands over to the tool behind it, with its exit status', () => {
    const tool = addTool('bin');
    const { stdout, exitCode } = run(`${SHIMS}/gdb`, [SHIMS, join(home, 'bin')]);
    expect(stdout).toBe(`${tool}<x>`);
    expect(exitCode).toBe(7);
  });

  test('calls strace by the name that was typed, where the shell can', () => {
    const { stderr } = run(`${SHIMS}/strace`, [SHIMS, '/usr/bin'], ['-p', 'x']);
    const name = shell[0] === 'bash' ? 'strace' : '/usr/bin/strace';
    expect(stderr).toBe(`${name}: Invalid process id: 'x'`);
  });

  test('passes empty, blank and quoted words, newlines and a pid of 30 digits', () => {
    addTool('bin');
    const words = [
      '',
      ' ',
      '\n\n',
      "'",
      '"',
      '*',
      '$(id)',
      '\\',
      '-p',
      '9'.repeat(30),
      '-p',
      '0',
      '-p',
      '-1',
      'é',
      '--',
      '-p',
    ];
    const { stdout } = run(`${SHIMS}/gdb`, [SHIMS, join(home, 'bin')], words);
    expect(Buffer.from(stdout, 'latin1').toString()).toBe(
      `${home}/bin/gdb${words.map((word) => `<${word}>`).join('')}`,
    );
  });

  test('passes 10,000 words', () => {
    addTool('bin');
    const words = Array.from({ length: 10_000 }, (_, index) => `-p${index}`);
    expect(run(`${SHIMS}/gdb`, [SHIMS, join(home, 'bin')], words).stdout).toBe(
      `${home}/bin/gdb${words.map((word) => `<${word}>`).join('')}`,
    );
  });

  test('leaves out tools that stand before it in PATH', () => {
    addTool('before');
    const tool = addTool('behind');
    const path = [join(home, 'before'), SHIMS, join(home, 'behind')];
    expect(run(`${SHIMS}/gdb`, path).stdout).toBe(`${tool}<x>`);
  });

  test('searches all of PATH when called by a path that is not in it', () => {
    const tool = addTool('bin');
    expect(run(`${SHIMS}/gdb`, [join(home, 'bin')]).stdout).toBe(`${tool}<x>`);
  });

  test.each([
    ['twice in PATH', ['SHIMS', 'SHIMS', 'bin']],
    ['in PATH before and behind the tool', ['SHIMS', 'bin', 'SHIMS']],
    ['before a second copy', ['SHIMS', 'copy', 'bin']],
    ['before and behind a second copy', ['SHIMS', 'copy', 'SHIMS', 'bin']],
    ['in a circle with two copies', ['SHIMS', 'copy', 'other', 'SHIMS', 'copy', 'bin']],
    ['behind a second copy', ['copy', 'SHIMS', 'bin', 'copy']],
    ['in PATH under a linked directory', ['SHIMS', 'linked', 'bin']],
    ['before linked commands', ['commands', 'SHIMS', 'bin']],
    ['before empty and relative entries', ['SHIMS', '', 'nowhere', 'bin']],
  ])('finds the tool when it is %s', (_, entries) => {
    const tool = addTool('bin');
    addCopy('copy');
    addCopy('other');
    symlinkSync(SHIMS, join(home, 'linked'));
    mkdirSync(join(home, 'commands'));
    symlinkSync(join(SHIMS, 'gdb'), join(home, 'commands/gdb'));
    const path = entries.map((entry) => (entry === 'SHIMS' ? SHIMS : entry === '' ? '' : join(home, entry)));
    expect(run(`${SHIMS}/gdb`, path).stdout).toBe(`${tool}<x>`);
  });

  test('finds a tool behind copies that may be run and not read', () => {
    cpSync('/usr/bin/echo', addTool('bin'));
    chmodSync(join(home, 'bin/gdb'), 0o111);
    chmodSync(home, 0o755);
    const [own, copy] = [addCopy('own'), addCopy('copy')];
    const asSomebody = process.getuid!() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { stdout, stderr } = run(`${own}/gdb`, [own, copy, own, join(home, 'bin')], ['x'], asSomebody);
    expect({ stdout, stderr }).toEqual({ stdout: 'x', stderr: '' });
  });

  test('finds a tool through an empty entry, the current directory', () => {
    addTool('bin');
    expect(run(`${SHIMS}/gdb`, [SHIMS, '', '/nowhere'], ['x'], { cwd: join(home, 'bin') }).stdout).toMatch(
      /\/gdb<x>$/,
    );
  });

  test('finds a tool through a relative entry', () => {
    addTool('bin');
    expect(run(`${SHIMS}/gdb`, [SHIMS, 'bin']).stdout).toMatch(/^(.*\/)?bin\/gdb<x>$/);
  });

  test.each([[['SHIMS']], [['SHIMS', 'copy']], [['copy', 'SHIMS', 'copy', 'SHIMS']], [[]]])(
    'ends with 127 when no tool is in %j',
    (entries) => {
      addCopy('copy');
      const { exitCode, stderr } = run(
        `${SHIMS}/strace`,
        entries.map((entry) => (entry === 'SHIMS' ? SHIMS : join(home, entry))),
      );
      expect(exitCode).toBe(127);
      expect(stderr).toMatch(/^strace: command not found$/m);
    },
  );

  test('skips directories and files that are not executable', () => {
    mkdirSync(join(home, 'directory/gdb'), { recursive: true });
    mkdirSync(join(home, 'plain'));
    writeFileSync(join(home, 'plain/gdb'), '');
    const tool = addTool('bin');
    const path = [SHIMS, join(home, 'directory'), join(home, 'plain'), join(home, 'bin')];
    expect(run(`${SHIMS}/gdb`, path).stdout).toBe(`${tool}<x>`);
  });

  test.each(['gdb', 'gdb-multiarch', 'gdb-12', 'strace'])('calls %s by a name that suits it', (tool) => {
    for (const [folder, file] of [
      ['own', join(SHIMS, 'shim')],
      ['bin', '/usr/bin/cat'],
    ] as const) {
      mkdirSync(join(home, folder));
      symlinkSync(file, join(home, folder, tool));
    }
    const { stdout } = run(join(home, 'own', tool), [join(home, 'own'), join(home, 'bin')], [COMMAND_LINE]);
    const byName = tool === 'strace' && shell[0] === 'bash';
    expect(stdout.split('\0')[0]).toBe(byName ? tool : join(home, 'bin', tool));
  });

  test('adds no variable to the environment and changes none', () => {
    mkdirSync(join(home, 'bin'));
    symlinkSync('/usr/bin/env', join(home, 'bin/strace'));
    const env = { PATH: `${SHIMS}:${home}/bin`, tool: 'a', real: 'b', scope: 'c', PWD: home };
    const { stdout } = execaSync(`/usr/bin/${shell[0]}`, [...shell.slice(1), `${SHIMS}/strace`], {
      env: { ...env, SHLVL: '5' },
      extendEnv: false,
      cwd: home,
    });
    const lines = stdout.split('\n').filter((line) => !/^(_|SHLVL|OLDPWD)=/.test(line));
    expect(lines.sort()).toEqual(
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
  });
});

const COMMAND_LINE = '/proc/self/cmdline';

test('runs the tool where bash is told by SHELLOPTS to end at the first failure', () => {
  const tool = addTool('bin');
  const { stdout } = execaSync('bash', ['--posix', `${SHIMS}/gdb`, 'x'], {
    env: { PATH: `${SHIMS}:${home}/bin:/usr/bin:/bin`, SHELLOPTS: 'errexit' },
    extendEnv: false,
    reject: false,
  });
  expect(stdout).toBe(`${tool}<x>`);
});

test('passes words that are not UTF-8', () => {
  addTool('bin');
  const { stdout } = execaSync('/bin/sh', ['-c', `exec gdb "$(printf '\\377\\200-p')"`], {
    env: { PATH: `${SHIMS}:${home}/bin:/bin` },
    extendEnv: false,
    encoding: 'latin1',
    reject: false,
  });
  expect(stdout).toBe(`${home}/bin/gdb<\xff\x80-p>`);
});

test('forks nothing on its way to the tool', () => {
  addTool('bin');
  const log = join(home, 'log');
  execaSync('strace', ['-f', '-qq', '-e', 'trace=process', '-o', log, `${SHIMS}/gdb`, '-p', '1'], {
    env: { PATH: `${SHIMS}:${home}/bin:/usr/bin` },
    reject: false,
  });
  const calls = execaSync('grep', ['-oE', '(clone|clone3|fork|vfork|execve)\\(', log]).stdout.split('\n');
  expect(calls).toEqual(['execve(', 'execve(']);
});
