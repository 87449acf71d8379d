import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type RunningProgram,
  readEnvironment,
  readProgram,
  renderProgram,
} from '../../src/remedy/running-program.ts';
import { plant } from '../install/plant.ts';

const ESCAPES = '\u001b[2J\u001b]0;x\u0007\n\u202e';
const ESCAPED = '\\e[2J\\e]0;x\\x07\\n\\u{202e}';
const START = 5000;
const STAT = `4242 (server) S 1 4242 4242 0 -1 4194304 ${Array(12).fill(0).join(' ')} ${START} 0 0\n`;
const STATUS = [
  ...['Name:\tserver', 'Umask:\t0022', 'State:\tS (sleeping)', 'Tgid:\t4242', 'Groups:\t10 2000 '],
  ...['CapInh:\t0', 'CapPrm:\t0', 'CapEff:\t0', 'CapBnd:\t1ffffffffff', 'CapAmb:\t0'],
  ...['NoNewPrivs:\t0', 'Seccomp:\t0', 'Seccomp_filters:\t0', ''],
].join('\n');

type Files = Readonly<Record<string, string>>;

/** A /proc with the process 4242 and ourselves, who differ in nothing; and what is different. */
function procOf(changes: Files = {}): string {
  const links = ['mnt', 'pid', 'user', 'net', 'ipc', 'uts', 'cgroup', 'time'].map(
    (kind) => [`ns/${kind}`, `link:${kind}:[1]`] as const,
  );
  const both = {
    ...Object.fromEntries(links),
    root: 'link:/',
    status: STATUS,
    'attr/current': 'unconfined\n',
  };
  const own = {
    stat: STAT,
    cmdline: '/bin/sh\0-c\0:\0',
    environ: 'A=1\0A=2\0B=x=y\0=z\0C\0',
    exe: 'link:/bin/sh',
    cwd: 'link:/usr',
  };
  const place = (folder: string, files: Files) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  return plant({ ...place('self', both), ...place('4242', { ...both, ...own }), ...changes });
}

function read(
  changes: Files = {},
  startTime: number | undefined = START,
): RunningProgram | { reason: string } {
  return readProgram(4242, startTime, procOf(changes));
}

function reasonOf(changes: Files, startTime?: number): string | undefined {
  const program = read(changes, startTime);
  return 'reason' in program ? program.reason : undefined;
}

function remarksOf(changes: Files): readonly string[] {
  const program = read(changes);
  if ('reason' in program) throw new Error(program.reason);
  return program.remarks;
}

test('reads how a program was started, and has nothing to remark where it is as we are', () => {
  expect(read()).toEqual({
    pid: 4242,
    startTime: START,
    file: '/bin/sh',
    args: ['-c', ':'],
    cwd: '/usr',
    environment: new Map([
      ['A', '1'],
      ['B', 'x=y'],
    ]),
    umask: '0022',
    limits: {},
    remarks: [],
  });
});

test('takes the first of two variables of a name, as getenv does', () => {
  expect(readEnvironment(4242, procOf())?.get('A')).toBe('1');
  expect(readEnvironment(4243, procOf())).toBeUndefined();
});

test('is another process where the start time is another', () => {
  expect(reasonOf({}, START + 1)).toBe('4242 has ended');
  expect(readProgram(4242, 0, procOf())).toEqual({ reason: '4242 has ended' });
});

test.each(['ns/mnt', 'ns/pid', 'ns/user', 'root'])('cannot be started again out of another %s', (link) => {
  const changes = { [`4242/${link}`]: `link:${link === 'root' ? '/srv/jail' : 'other:[2]'}` };
  expect(reasonOf(changes)).toBe('4242 runs in a container or sandbox of its own');
});

test.each<[string, Files, string]>([
  [
    'no_new_privs and Landlock',
    { '4242/status': STATUS.replace('NoNewPrivs:\t0', 'NoNewPrivs:\t1') },
    '4242 runs with no_new_privs, and perhaps in a Landlock sandbox: the new one runs without either',
  ],
  [
    'a seccomp filter',
    { '4242/status': STATUS.replace('Seccomp:\t0', 'Seccomp:\t2').replace('filters:\t0', 'filters:\t1') },
    '4242 runs under a seccomp filter: the new one runs without it',
  ],
  [
    'a security label',
    { '4242/attr/current': `system_u:system_r:httpd_t:s0${ESCAPES}\0` },
    `4242 has the security label system_u:system_r:httpd_t:s0${ESCAPED}: the new one gets what the policy gives to a program that you start`,
  ],
  [
    'namespaces',
    { '4242/ns/net': 'link:net:[2]', '4242/ns/uts': 'link:uts:[2]' },
    '4242 is in another namespace than you (network, host name): the new one runs in yours',
  ],
  [
    'capabilities',
    { '4242/status': STATUS.replace('CapBnd:\t1ffffffffff', 'CapBnd:\t0') },
    '4242 has other capabilities than you: the new one has yours',
  ],
  [
    'groups',
    { '4242/status': STATUS.replace('Groups:\t10 2000', 'Groups:\t2000') },
    '4242 belongs to other groups than you: the new one belongs to yours',
  ],
])('tells of %s, which a new one would be without', (_, changes, remark) => {
  expect(remarksOf(changes)).toEqual([remark]);
});

test('tells of no confinement that we are in as well', () => {
  const confined = STATUS.replace('NoNewPrivs:\t0', 'NoNewPrivs:\t1').replace('Seccomp:\t0', 'Seccomp:\t2');
  expect(remarksOf({ '4242/status': confined, 'self/status': confined })).toEqual([]);
});

test.each<[string, Files]>([
  ['a deleted program', { '4242/exe': `link:/no/${ESCAPES} (deleted)` }],
  ['a deleted directory', { '4242/cwd': `link:/no/${ESCAPES}` }],
])('shows the path of %s escaped', (_, changes) => {
  expect(reasonOf(changes)).toContain(`/no/${ESCAPED}`);
});

test('shows the path of a program that was replaced escaped, and so the unit', () => {
  const folder = plant({ [`${ESCAPES}/server`]: '' });
  const path = join(folder, ESCAPES, 'server');
  const cgroup = `0::/system.slice/${ESCAPES.replace('\n', '')}.service\n`;
  const remarks = remarksOf({ '4242/exe': `link:${path} (deleted)`, '4242/cgroup': cgroup });
  expect(remarks[0]).toBe(
    `${folder}/${ESCAPED}/server was replaced since 4242 started: the new one would run`,
  );
  expect(remarks[1]).toBe(
    `systemd runs it as ${ESCAPED.replace('\\n', '')}.service, and may start it anew when it stops`,
  );
});

test('is named by the words that a person would type, escaped and cut', () => {
  const program = {
    ...read(),
    file: '/bin/x',
    args: [Buffer.from(ESCAPES).toString('latin1')],
  } as RunningProgram;
  expect(renderProgram(program, 100)).toBe(`/bin/x ${ESCAPED}`);
  expect(renderProgram(program, 0)).toHaveLength(16);
});
