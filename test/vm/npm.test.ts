import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { installTarball, packTarball } from '../packaging/npm.ts';
import { connectVm } from './harness/connect.ts';
import { ASKED, attachNow, lowerScope, openTerminal, startTarget } from './harness/person.ts';
import { expectScope } from './harness/window.ts';

const vm = await connectVm();

/** The npm package, installed on the host and carried over: npm itself takes its time in the guest. */
beforeAll(async () => {
  await vm.emptyHome();
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-npm-'));
  try {
    const prefix = await installTarball(await packTarball(folder), folder);
    const { stdout } = await execa('tar', ['-cz', '.'], { cwd: prefix, encoding: 'buffer' });
    await vm.read('mkdir .local && tar -xz -C .local', { stdin: stdout });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a shim that leads into an npm package in the home explains a refused attach', async () => {
  await vm.read('ln -s ../lib/node_modules/ptrace-shim/shims/shim .local/bin/gdb');
  const { pid } = await startTarget(vm);
  const terminal = await vm.terminal({
    env: { TERM: 'xterm-256color', PATH: '/home/dev/.local/bin:/usr/bin:/bin', PS1: '$ ' },
    shell: ['/bin/bash', '--norc', '--noprofile'],
    rows: 50,
  });
  onTestFinished(() => terminal.close().catch(() => {}));
  await terminal.line(`gdb -nx -q -p ${pid}; echo "left with $?"`);
  const screen = await terminal.waitFor(ASKED);
  expect(screen).toContain(
    `ptrace-shim: gdb can't attach to ${pid}: kernel.yama.ptrace_scope is 1 (restricted)`,
  );
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

/** A shim of the package in the home, at the question of `strace -p` with these keys pressed. */
async function askedBy(tool: string) {
  await vm.read(`ln -sf ../lib/node_modules/ptrace-shim/shims/shim .local/bin/${tool}`);
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env: { PATH: '/home/dev/.local/bin:/usr/bin:/bin' }, rows: 50 });
  await terminal.line(`${tool} -o /dev/null -p ${pid}; echo "left with $?"`);
  return { pid, terminal };
}

test('its helpers run as root as the text whose digest was authenticated', async () => {
  const { pid, terminal } = await askedBy('strace');
  await attachNow(terminal);
  await terminal.waitFor(`Process ${pid} attached`);
  expect(await vm.scope()).toBe(1);
  await terminal.press('C-c');
  const journal = await vm.asRoot('journalctl --sync && journalctl -o cat -t pkexec | tail -n 1');
  expect(journal).toMatch(
    new RegExp(` ptrace-permit [0-9a-f]{64} \\d+ targets=${pid}:\\d+ tracer=\\d+:\\d+]$`),
  );
});

test('the window opens by sudo, which writes one line into the journal', async () => {
  await vm.saveSettings({ elevate: 'sudo' });
  const { pid, terminal } = await askedBy('strace');
  await lowerScope(terminal);
  await terminal.waitFor(`Process ${pid} attached`);
  await expectScope(vm, 1);
  await terminal.press('C-c');
  const lines = await vm.asRoot('journalctl --sync && journalctl -o cat -t sudo | grep -c COMMAND=');
  expect(lines).toBe('1');
});

test('its own command is found beside the shim, and says what the machine allows', async () => {
  const env = { PATH: '/home/dev/.local/bin:/usr/bin:/bin' };
  expect(await vm.read('ptrace-shim status', { env })).toContain(
    'kernel.yama.ptrace_scope is 1 (restricted)',
  );
});
