import { expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { openTerminal, startTarget } from './harness/person.ts';

const vm = await connectVm();

/** What `ptrace-shim dry-run` says of the shim, at a terminal with this environment and these settings. */
async function ask(tool: string, env: Record<string, string>, settings: string): Promise<string> {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env, cols: 200 });
  await terminal.line(`${settings}; ptrace-shim dry-run -- ${tool} -p ${pid} | grep 'the shim'; echo over`);
  const screen = await terminal.waitFor(/^over/m);
  await vm.emptyHome();
  return /^ +the shim +(.*)$/m.exec(screen)![1]!;
}

test('says nothing where PTRACE_SHIM is off, as the shim', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env: { PTRACE_SHIM: 'off' }, cols: 200 });
  await terminal.line(`ptrace-shim dry-run -- strace -p ${pid}; echo over`);
  const screen = await terminal.waitFor(/^over/m);
  expect(screen).toMatch(/^ +window +available$/m);
  expect(screen).not.toMatch(/^ +saying /m);
});

const REMEMBER = 'ptrace-shim config set onRefusal.all';

test.each([
  ['strace', {}, ':', 'asks'],
  ['strace', { PTRACE_SHIM: 'off' }, ':', 'hands over in silence: PTRACE_SHIM is off'],
  ['strace', {}, `${REMEMBER} hint`, 'says one line and hands over: that is the remembered answer'],
  [
    'strace',
    {},
    `${REMEMBER} attach`,
    'attaches without asking, but for the password: that is the remembered answer',
  ],
  [
    'strace',
    { PTRACE_SHIM_ON_REFUSAL: 'relaunch' },
    `${REMEMBER} hint`,
    'relaunches, and asks only what becomes of the running one: PTRACE_SHIM_ON_REFUSAL says so',
  ],
  ['strace', { PTRACE_SHIM_ON_REFUSAL: 'nonsense' }, ':', 'asks'],
  ['eu-stack', {}, `${REMEMBER} relaunch`, 'asks'], // which it cannot
  ['strace', { CI: '1' }, `${REMEMBER} attach`, 'says one line and hands over: CI is set'],
])('%s with %o after %s', async (tool, env, settings, answer) => {
  expect(await ask(tool, env, settings)).toBe(answer);
});
