import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { givePassword, openTerminal, startTarget } from './harness/person.ts';
import { PATH_WITH_SHIMS, USERS } from './harness/vm.ts';

const vm = await connectVm();
const env = { PATH: PATH_WITH_SHIMS };
beforeEach(() => vm.setScope(1));
afterEach(async () => expect(await vm.scope()).toBe(1));

/** Attaches by the real tool, which knows of no shim. */
const strace = (pid: number) => vm.run(`timeout 5 strace -o /dev/null -p ${pid}`);

/** Types a line, gives the password, and waits for the end. */
async function answered(line: string, password: string = USERS.dev.password): Promise<string> {
  const terminal = await openTerminal(vm, { rows: 40, cols: 120 });
  await terminal.line(`${line}; echo "left with $?"`);
  await givePassword(terminal, password);
  return terminal.waitFor(/left with \d+/);
}

test('lets in every tool of the person until it is revoked, and the scope stays 1', async () => {
  const { pid } = await startTarget(vm);
  expect((await strace(pid)).status).toBe(1);
  const screen = await answered(`ptrace-shim allow ${pid}`);
  expect(screen).toContain(`${pid}: lets in every tool of yours`);
  expect(screen).toContain('left with 0');
  expect((await strace(pid)).status).toBe(124); // it was attached until the time was up
  expect((await vm.run(`ptrace-shim why ${pid}`, { env })).status).toBe(0);
  expect(await vm.read('ptrace-shim status', { env })).toContain(`every tool let in to ${pid}, by uid 2000`);
  expect(await answered(`ptrace-shim allow --revoke ${pid}`)).toContain('lets in nobody any more');
  expect(await vm.read('ptrace-shim status', { env })).toContain(`nobody any more let in to ${pid}`);
  expect((await strace(pid)).status).toBe(1);
});

test("lets in one process alone, by the name of the program, for a script, and leaves another user's out", async () => {
  const { pid } = await startTarget(vm);
  await startTarget(vm, 'sleep', { user: 'guest' });
  const shell = await vm.start(`read -r go; exec timeout 5 strace -o /dev/null -p ${pid}`, {
    holdStdin: true,
  });
  const screen = await answered(`ptrace-shim allow --json --tracer ${shell.pid} target`);
  expect(screen).toContain(`{"targets":[${pid}],"tracer":${shell.pid}}`);
  expect((await strace(pid)).status).toBe(1);
  await shell.write('go\n');
  expect((await shell.wait()).status).toBe(124);
});

test('changes nothing with a wrong password, after Ctrl-C, and at another scope', async () => {
  const { pid } = await startTarget(vm);
  expect(await answered(`ptrace-shim allow ${pid}`, 'wrong')).toMatch(/nothing was changed\nleft with 1/);
  const terminal = await openTerminal(vm);
  await terminal.line(`ptrace-shim allow ${pid}; echo "left with $?"`);
  await terminal.waitFor('Password:');
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
  expect((await strace(pid)).status).toBe(1);
  await vm.setScope(2);
  const { status, stderr } = await vm.run(`ptrace-shim allow ${pid}`, { env });
  await vm.setScope(1);
  expect([status, stderr]).toEqual([1, expect.stringContaining('the kernel heeds no permission')]);
});

test("refuses another user's process, and a name that nobody has", async () => {
  const { pid } = await startTarget(vm, 'sleep', { user: 'guest' });
  expect(await answered(`ptrace-shim allow ${pid}`)).toContain(`process ${pid} belongs to another user`);
  const { status, stderr } = await vm.run('ptrace-shim allow nosuch', { env });
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('no process that you can see is called nosuch'),
  ]);
});
