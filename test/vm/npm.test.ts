import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
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

/** Types a command with the pid of a target behind it, where the tool's name leads to the package in the home. */
async function typed(command: string) {
  await vm.read(`ln -sf ../lib/node_modules/ptrace-shim/shims/shim .local/bin/${command.split(' ')[0]}`);
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env: { PATH: '/home/dev/.local/bin:/usr/bin:/bin' }, rows: 50 });
  await terminal.line(`${command} ${pid}; echo "left with $?"`);
  return { pid, terminal };
}

test('a shim that leads into an npm package in the home explains a refused attach', async () => {
  const { pid, terminal } = await typed('gdb -nx -q -p');
  const screen = await terminal.waitFor(ASKED);
  expect(screen).toContain(
    `ptrace-shim: gdb can't attach to ${pid}: kernel.yama.ptrace_scope is 1 (restricted)`,
  );
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

test('its helpers run as root as the text whose digest was authenticated', async () => {
  const { pid, terminal } = await typed('strace -o /dev/null -p');
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
  const readLines = () => vm.asRoot('journalctl --sync && journalctl -o cat -t sudo | grep COMMAND= | wc -l');
  const before = Number(await readLines());
  await vm.saveSettings({ elevate: 'sudo' });
  const { pid, terminal } = await typed('strace -o /dev/null -p');
  await lowerScope(terminal);
  await terminal.waitFor(`Process ${pid} attached`);
  await expectScope(vm, 1);
  await terminal.press('C-c');
  expect(Number(await readLines()) - before).toBe(1);
});

test('its own command is found beside the shim, and says what the machine allows', async () => {
  const env = { PATH: '/home/dev/.local/bin:/usr/bin:/bin' };
  expect(await vm.read('ptrace-shim status', { env })).toContain(
    'kernel.yama.ptrace_scope is 1 (restricted)',
  );
});
