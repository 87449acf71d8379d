import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { LAUNCHER, renderLauncher, type Variable } from '../../src/handover/launcher.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']];
const everyByte = String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index + 1));

describe.each(shells)('in %s %s', (...shell) => {
  /** What a program prints that is started by the launcher, in the environment `tool`. */
  function launch(
    variables: readonly Variable[],
    program: readonly string[],
    tool: Readonly<Record<string, string>> = {},
    place: Parameters<typeof renderLauncher>[0] = {},
  ) {
    // As gdb does it, with this shell for /bin/sh.
    const script = `exec ${LAUNCHER.replace('/bin/sh', shell.map((word) => `'${word}'`).join(' '))} "$@"`;
    const carried = [...renderLauncher(place, variables)].map(
      ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
    );
    const set = Object.entries(tool).map(([name, value]) => `export ${name}='${value}'`);
    return execaSync('/bin/dash', ['-s', '--', ...program], {
      input: Buffer.from([...set, ...carried, script].join('\n'), 'latin1'),
      encoding: 'latin1',
      env: { PATH: process.env.PATH, SHLVL: '1' },
      extendEnv: false,
      reject: false,
      cwd: '/',
    });
  }

  test('carries every byte, and nothing of ours', () => {
    const held = [{ name: 'HELD', program: everyByte, tool: undefined }];
    expect(launch(held, ['/usr/bin/printenv', 'HELD']).stdout).toBe(everyByte);
    expect(launch(held, ['/usr/bin/env']).stdout).not.toContain('ptrace_shim');
  });

  test('sets what the tool has otherwise, or not at all, and unsets what the program had not', () => {
    const variables = [
      { name: 'HOME', program: '/srv', tool: '/home/dev' },
      { name: 'ADDED', program: 'a "b" $c', tool: undefined },
      { name: 'GONE', program: undefined, tool: "it's" },
    ];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    const show = ['/bin/sh', '-c', 'echo "$HOME|$ADDED|${GONE-none}"'];
    const tool = { HOME: '/home/dev', GONE: "it'\\''s" };
    expect(launch(variables, show, tool).stdout).toBe('/srv|a "b" $c|none');
  });

  test('leaves what was changed at the prompt of the tool', () => {
    const variables = [
      { name: 'HOME', program: '/srv', tool: '/home/dev' },
      { name: 'ADDED', program: 'its', tool: undefined },
      { name: 'GONE', program: undefined, tool: 'own' },
    ];
    const show = ['/bin/sh', '-c', 'echo "$HOME|$ADDED|$GONE"'];
    expect(launch(variables, show, { HOME: '/x', ADDED: 'y', GONE: 'z' }).stdout).toBe('/x|y|z');
  });

  test('changes directory, mask and soft limit for the program', () => {
    const place = { cwd: '/usr', umask: '0027', limits: { n: '77' } };
    const variables = [
      { name: 'PWD', program: '/as/it/was' },
      { name: 'OLDPWD', program: undefined },
    ];
    const { stdout } = launch(variables, ['/bin/sh', '-c', '/bin/pwd -P; umask; ulimit -n'], {}, place);
    expect(stdout.split('\n')).toEqual(['/usr', '0027', '77']);
    expect(launch(variables, ['/usr/bin/printenv', 'PWD'], {}, place).stdout).toBe('/as/it/was');
    expect(launch(variables, ['/usr/bin/printenv', 'OLDPWD'], {}, place).exitCode).toBe(1);
  });

  test('starts nothing in another directory', () => {
    const { stdout, exitCode } = launch([], ['/bin/echo', 'started'], {}, { cwd: '/no/such' });
    expect(stdout).toBe('');
    expect(exitCode).not.toBe(0);
  });

  test.each(['3', '0', 'x[$(echo >&2 evil)]'])(
    'keeps SHLVL %s, and never computes with what is no number',
    (level) => {
      const { stdout, stderr } = launch([{ name: 'SHLVL', program: level }], ['/usr/bin/printenv', 'SHLVL']);
      if (/^\d/.test(level)) expect(stdout).toBe(level);
      expect(stderr).not.toContain('evil');
    },
  );
});
