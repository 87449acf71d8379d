import { expect, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';
import { CHECKOUT, SYSTEM_PATH, useAccount } from './account.ts';

/** On a machine with Yama, with other shells and as no administrator: test/vm/install.test.ts. */
const account = useAccount();
const { sh } = account;

/** The lines of Fedora's ~/.bashrc, and a Node. */
const FEDORA = `echo 'PATH="$HOME/.local/bin:$HOME/bin:${SYSTEM_PATH}"' >>~/.bashrc`;

/** Runs a command of ours, or of the copy in ~/app. */
function shim(
  words: string,
  { main = `${CHECKOUT}/dist/main.js`, env = account.ahead as Record<string, string> } = {},
) {
  return sh(`'${process.execPath}' ${main} ${words}`, env);
}
const COPY = { main: '~/app/dist/main.js' };

function makeCopy(): void {
  sh(`mkdir app && cd '${CHECKOUT}' && cp -a shims dist libexec package.json ~/app`);
}

function doctor(options: Parameters<typeof shim>[1] = {}) {
  const { stdout, status } = shim('doctor --json', options);
  const findings: Finding[] = JSON.parse(stdout);
  const broken = findings.filter(({ level }) => level === 'broken');
  expect(status).toBe(broken.length > 0 ? 1 : 0);
  return { findings, broken };
}

test('says what to type before anything is installed', () => {
  const { broken } = doctor();
  expect(broken.map(({ id, help }) => `${id}: ${help}`)).toEqual([
    'gdb: ptrace-shim install',
    'strace: ptrace-shim install',
    'eu-stack: ptrace-shim install',
    'vgdb: ptrace-shim install',
  ]);
});

/** At a terminal of its own, of no size, as a serial line is. */
const atSerialLine = (words: string) =>
  `timeout 60 script -qec 'stty cols 0 rows 0; ${process.execPath} ${CHECKOUT}/dist/main.js ${words}' /dev/null | tail -c 3000`;

test('waits with a spinner where the terminal has no size, and paints nothing with NO_COLOR', () => {
  const { stdout } = sh(`${atSerialLine('doctor')}`, { NO_COLOR: '1', TERM: 'xterm' });
  expect(stdout).toContain('asking your login shell');
  expect(stdout).toMatch(/^broken +typing gdb/m);
  expect(stdout).not.toMatch(/\u001b\[\d+m/);
});

test.each([
  [
    'PATH has the real tools first',
    `echo 'PATH="/usr/bin:$PATH"' >>~/.profile`,
    'gdb',
    /typing gdb runs \/usr\/bin\/gdb, not the shim/,
  ],
  [
    'gdb is an alias',
    `echo "alias gdb='/usr/bin/gdb -q'" >>~/.bashrc`,
    'gdb',
    /gdb is an alias in your shell/,
  ],
  ['the bundle is gone', 'rm app/dist/preflight.js', 'bundle', /preflight\.js is missing/],
  [
    'a part of the bundle that is loaded late is gone',
    'rm app/dist/select.js',
    'bundle',
    /select\.js is missing/,
  ],
  [
    'the bundle is garbage',
    'echo "what is this" >app/dist/preflight.js',
    'bundle',
    /preflight\.js does not work/,
  ],
  [
    'Node is too old',
    `printf '#!/bin/sh\\necho v18.20.4\\n' >.local/bin/node; chmod +x .local/bin/node`,
    'node',
    /is v18\.20\.4, and 20\.17 is the oldest/,
  ],
  [
    'Node does not work',
    `printf '#!/bin/sh\\nexit 1\\n' >.local/bin/node; chmod +x .local/bin/node`,
    'node',
    /no Node that works/,
  ],
  [
    'Node is nowhere',
    'mkdir few; for t in sh readlink stty gdb strace eu-stack; do ln -s /usr/bin/$t few; done; echo PATH=~/.local/bin:~/few >>~/.bashrc',
    'node',
    /node is not in the PATH/,
  ],
  [
    'another copy is in front',
    `cp -a app other; echo 'PATH="$HOME/other/shims:$PATH"' >>~/.profile`,
    'gdb',
    /another copy of ptrace-shim: ~\/other\/shims\/gdb/,
  ],
  ['the helper is gone', 'rm app/libexec/ptrace-scope-window', 'helper', /ptrace-scope-window is missing/],
  [
    'a shim does not reach the real tool',
    `printf '%s\\n' '[ "$1" = --version ] && exit 9' >x; sed -i '3r x' app/shims/shim`,
    'gdb',
    /answer --version differently/,
  ],
])('finds out that %s', (_, breakIt, id, message) => {
  makeCopy();
  sh(FEDORA);
  shim('install', COPY);
  sh(breakIt);
  const { broken } = doctor(COPY);
  const finding = broken.find((one) => one.id === id);
  expect(finding?.message).toMatch(message);
  expect(finding?.help).toMatch(/\S/);
});

test('sends somebody who has a package to its package manager', () => {
  makeCopy();
  // As packaging/stage.sh lays it out.
  sh('mv app/libexec root-parts && ln -s ../root-parts app/libexec && rm app/dist/preflight.js');
  const { broken } = doctor(COPY);
  const help = broken.find(({ id }) => id === 'bundle')?.help;
  expect(help).toBe('sudo apt install --reinstall ./ptrace-shim_*.deb'); // dnf's words were not seen: here is none
});

test('finds links that lead nowhere, and install mends them', () => {
  makeCopy();
  sh(FEDORA);
  shim('install', COPY);
  sh('rm -r app');
  const { broken } = doctor();
  expect(broken.filter(({ id }) => id === 'links').map(({ message }) => message)).toContain(
    '~/.local/bin/gdb leads to /home/dev/app/shims/shim, which is gone',
  );
  expect(shim('install').stdout).toContain('replaced ~/.local/bin/gdb');
  expect(doctor().broken).toEqual([]);
});

test.each([
  ['print', 'echo noise; echo ptrace-shim-begin; printf "no newline"'],
  ['leave something in the background', 'sleep 300 & echo $! >>~/background'],
])('hears the shell through rc files that %s', (_, line) => {
  sh(`${FEDORA}; echo '${line}' >>~/.bashrc`);
  shim('install');
  const { findings, broken } = doctor({ env: { PATH: SYSTEM_PATH } });
  expect(broken).toEqual([]);
  expect(findings.map(({ id }) => id)).toContain('terminal');
  sh('kill $(cat background)');
});

test.each([
  ['wait for ever', 'sleep 1000', /did not answer within 20 seconds/],
  ['start another shell', 'exec fish', /did not run the question/],
])('goes on with this terminal where rc files %s', (_, line, message) => {
  sh(`${FEDORA}; echo '${line}' >>~/.bashrc`);
  shim('install');
  const { findings, broken } = doctor();
  expect(broken).toEqual([]);
  expect(findings[0]).toMatchObject({ id: 'shell', level: 'note' });
  expect(findings[0]!.message).toMatch(message);
  expect(sh('pgrep -x -f "sleep 1000"')).toMatchObject({ stdout: '' });
});
