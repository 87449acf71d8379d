/**
 * `npm run demo`, or `npm run demo -- --userland` for the one that `npm run test:userland` has built: boots the test VM,
 * where the scope is 1, and puts the person at its keyboard: an ordinary user who has the shims in PATH, and a server to
 * attach to. Without a terminal the walkthrough plays by itself and prints the real screens.
 */
import { boot } from '../vm/harness/boot.ts';
import { attachConsole } from '../vm/harness/console.ts';
import { buildUserland, SUITES } from '../vm/harness/userland.ts';
import { PATH_WITH_SHIMS, USERS, Vm } from '../vm/harness/vm.ts';
import { type Picture, playWalkthrough, startServer } from './walkthrough.ts';

if (process.argv.includes('--userland')) {
  await buildUserland(SUITES[0]);
  process.env.PTRACE_SHIM_USERLAND = SUITES[0];
}
const interactive = process.stdin.isTTY && process.stdout.isTTY;
process.stderr.write('booting the test VM …\n');
const booted = await boot();
const vm = await Vm.connect(booted.socket);
try {
  const pid = await startServer(vm);
  process.exitCode = interactive ? await play(pid) : await playWalkthrough(vm, pid, print);
} finally {
  vm.close();
  await booted.stop();
}

/** The person's own session; ends with Ctrl-D. */
async function play(pid: number): Promise<number> {
  await vm.writeFile('/home/dev/.demo', renderWelcome(pid));
  return attachConsole(vm, booted, {
    env: { PATH: PATH_WITH_SHIMS, PS1: '$ ' },
    shell: ['/bin/bash', '--noprofile', '--rcfile', '/home/dev/.demo'],
  });
}

function renderWelcome(pid: number): string {
  return `cat <<'EOT'

You are dev, an ordinary user of a machine where kernel.yama.ptrace_scope is 1.
orders-server runs as process ${pid}, and is no child of yours. Try

  gdb -p ${pid}          (the administrator's password is ${USERS.dev.password})
  strace -p ${pid}
  ptrace-shim status

Ctrl-D ends the demo. Nothing that you do here reaches your own system.

EOT
PS1='$ '
`;
}

function print({ caption, screen }: Picture): void {
  if (!caption) return;
  const lines = screen.split('\n').map((line) => `  │ ${line}`);
  process.stdout.write(`\n── ${caption}\n${lines.join('\n')}\n`);
}
