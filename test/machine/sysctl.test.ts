import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { predictNextBoot, readKernelDefault } from '../../src/machine/sysctl.ts';
import { plant } from '../install/plant.ts';

/** `0 /etc/sysctl.d/a.conf:1`, or `1 kernel` when no line decides. */
function predict(files: Record<string, string>, kernelDefault: 0 | 1 = 1): string {
  const { scope, decidedBy } = predictNextBoot(plant(files), kernelDefault);
  return `${scope} ${decidedBy ? `${decidedBy.file}:${decidedBy.line}` : 'kernel'}`;
}

const ZERO = 'kernel.yama.ptrace_scope = 0\n';
const TWO = 'kernel.yama.ptrace_scope = 2\n';

describe('which file', () => {
  test.each<[string, Record<string, string>, string]>([
    ['is the kernel without any', {}, '1 kernel'],
    [
      'is the last by name, whatever the folder',
      { 'usr/lib/sysctl.d/50-b.conf': ZERO, 'etc/sysctl.d/10-a.conf': TWO },
      '0 /usr/lib/sysctl.d/50-b.conf:1',
    ],
    [
      'is the one in /etc of two with the same name',
      { 'usr/lib/sysctl.d/10-a.conf': ZERO, 'run/sysctl.d/10-a.conf': ZERO, 'etc/sysctl.d/10-a.conf': TWO },
      '2 /etc/sysctl.d/10-a.conf:1',
    ],
    [
      'is not one that a link to /dev/null disables',
      { 'usr/lib/sysctl.d/10-a.conf': ZERO, 'etc/sysctl.d/10-a.conf': 'link:/dev/null' },
      '1 kernel',
    ],
    ['is not one without .conf', { 'etc/sysctl.d/10-a': ZERO, 'etc/sysctl.d/10-b.conf~': ZERO }, '1 kernel'],
    ['is not a hidden one', { 'etc/sysctl.d/.10-a.conf': ZERO }, '1 kernel'],
    [
      'sorts by bytes',
      { 'etc/sysctl.d/a.conf': ZERO, 'etc/sysctl.d/B.conf': TWO },
      '0 /etc/sysctl.d/a.conf:1',
    ],
    ['is not /etc/sysctl.conf by itself', { 'etc/sysctl.conf': ZERO }, '1 kernel'],
    [
      'is /etc/sysctl.conf through a link',
      { 'etc/sysctl.conf': `# mine\n${ZERO}`, 'etc/sysctl.d/99-sysctl.conf': 'link:../sysctl.conf' },
      '0 /etc/sysctl.d/99-sysctl.conf:2',
    ],
    [
      'is not one that a dangling link or a folder stands for',
      { 'etc/sysctl.d/a.conf': 'link:nowhere', 'etc/sysctl.d/b.conf/x': '', 'usr/lib/sysctl.d/b.conf': ZERO },
      '0 /usr/lib/sysctl.d/b.conf:1',
    ],
    [
      'is in /lib where that is a folder of its own',
      { 'lib/sysctl.d/a.conf': ZERO },
      '0 /lib/sysctl.d/a.conf:1',
    ],
  ])('%s', (_, files, expected) => {
    expect(predict(files)).toBe(expected);
  });
});

describe('which line', () => {
  test.each<[string, string, string]>([
    ['is the last', `${TWO}${ZERO}`, '0 :2'],
    ['is the last of those that say the same', `${ZERO}\n${ZERO}`, '0 :3'],
    ['is none that is a comment', `# ${ZERO};${ZERO}`, '1 kernel'],
    ['may have slashes', 'kernel/yama/ptrace_scope=0', '0 :1'],
    ['may not change the separator', 'kernel/yama.ptrace_scope=0\nkernel.yama/ptrace_scope=0', '1 kernel'],
    ['may begin with a dash', '-kernel.yama.ptrace_scope=0', '0 :1'],
    ['may be a glob', 'kernel.yama.*=0', '0 :1'],
    ['may be a glob with sets', 'kernel/[x-z]?ma/ptrace_[!a]cope=0', '0 :1'],
    ['is not a glob when the scope is named as well', `kernel.yama.*=0\n${TWO}kernel.yama.ptrace*=0`, '2 :2'],
    [
      'is not a glob that a later line excludes from',
      'kernel.yama.*=0\n-kernel.yama.ptrace_scope',
      '1 kernel',
    ],
    ['is not one that a later line excludes', `${ZERO}-kernel.yama.ptrace_scope`, '1 kernel'],
    ['is the last of several globs', 'kernel.yama.*=0\nkernel.y*.ptrace_scope=2', '2 :2'],
    [
      'is not a glob that only says again what it said',
      'kernel.yama.*=0\nkernel.y*.*=2\nkernel.yama.*=0',
      '2 :2',
    ],
    ['is not a glob over more than one folder', 'kernel.*=0\n*=0\n**.ptrace_scope=0', '1 kernel'],
    ['is not one that the kernel refuses', `${ZERO}kernel.yama.ptrace_scope=4`, '1 kernel'],
    [
      'is none that means nothing',
      'kernel.yama.ptrace_scope\nnonsense\n=\n[z-a]=1\nkernel.[z-a].*=2',
      '1 kernel',
    ],
    ['may end without a newline, or with that of another system', `#\r\n${ZERO.trim()}\r`, '0 :2'],
  ])('%s', (_, text, expected) => {
    expect(predict({ 'etc/sysctl.d/a.conf': text }).replace('/etc/sysctl.d/a.conf', '')).toBe(expected);
  });

  test.each([
    ['01', '1'],
    ['0x2', '2'],
    ['2 1', '2'],
    ['2 # admins only', '2'],
    ['-0', '0'],
    ['3', '3'],
    ['2;', 'kernel'],
    ['08', 'kernel'],
    ['-1', 'kernel'],
    ['"2"', 'kernel'],
  ])('reads %s as the kernel does', (value, expected) => {
    const { scope, decidedBy } = predictNextBoot(
      plant({ 'etc/sysctl.d/a.conf': `kernel.yama.ptrace_scope = ${value}` }),
      1,
    );
    expect(decidedBy ? String(scope) : 'kernel').toBe(expected);
  });

  test('knows that 3 stays once a glob has set it', () => {
    expect(predict({ 'etc/sysctl.d/a.conf': 'kernel.yama.*=3\nkernel.y*.*=1' })).toBe(
      '3 /etc/sysctl.d/a.conf:1',
    );
  });
});

test('names the files that it may not read', async () => {
  const root = plant({ 'etc/sysctl.d/a.conf': ZERO, 'etc/sysctl.d/b.conf': TWO });
  chmodSync(join(root, 'etc/sysctl.d/b.conf'), 0);
  chmodSync(root, 0o755);
  const script = `import { predictNextBoot } from './src/machine/sysctl.ts';
    console.log(JSON.stringify(predictNextBoot(${JSON.stringify(root)}, 1)));`;
  const unprivileged =
    process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : ['env'];
  const [command, ...args] = [
    ...unprivileged,
    process.execPath,
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ];
  const { stdout } = await execa(command!, args);
  expect(JSON.parse(stdout)).toEqual({
    scope: 0,
    decidedBy: { file: '/etc/sysctl.d/a.conf', line: 1 },
    unreadable: ['/etc/sysctl.d/b.conf'],
  });
});

describe('what the kernel starts with', () => {
  const yama = { 'proc/sys/kernel/yama/ptrace_scope': '2\n' };
  const debian = 'Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) (gcc-12 ...)';

  test.each<[string, Record<string, string>, number | undefined]>([
    ['is 1', { ...yama, 'proc/version': 'Linux version 6.17.1-300.fc45.x86_64 (mockbuild@...)' }, 1],
    ["is 0 in Debian's kernels", { ...yama, 'proc/version': debian }, 0],
    ['is nothing without Yama', { 'proc/version': debian }, undefined],
    [
      'is what the command line says',
      { ...yama, 'proc/version': debian, 'proc/cmdline': 'quiet sysctl.kernel.yama.ptrace_scope=2 rw\n' },
      2,
    ],
    [
      'is what the command line says last, before the words for init',
      {
        ...yama,
        'proc/cmdline':
          'sysctl.kernel/yama/ptrace_scope=2 sysctl/kernel.yama.ptrace_scope=0 -- sysctl.kernel.yama.ptrace_scope=2',
      },
      0,
    ],
  ])('%s', (_, files, expected) => {
    const root = plant(files);
    expect(readKernelDefault(root)).toBe(expected);
    expect(predictNextBoot(root)).toEqual({ scope: expected, decidedBy: null, unreadable: [] });
  });

  test('leaves sysctl.d without a say where there is no Yama', () => {
    expect(predictNextBoot(plant({ 'etc/sysctl.d/a.conf': ZERO }))).toEqual({
      scope: undefined,
      decidedBy: null,
      unreadable: [],
    });
  });
});
