import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootVm } from './harness/boot.ts';
import { ASKED, attachNow, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET } from './harness/vm.ts';
import { expectScope } from './harness/window.ts';

/**
 * A machine that enforces SELinux's policy, with Fedora's boolean deny_ptrace; see harness/guest/selinux.cil. Everybody is
 * unconfined who is not said to be confined.
 */
const { vm, stop } = await bootVm({ selinux: true });
afterAll(async () => {
  vm.close();
  await stop();
});

beforeEach(() => vm.emptyHome());

const env = { PATH: PATH_WITH_SHIMS };

test('the machine enforces, and people are unconfined', async () => {
  expect(await vm.readFile('/sys/fs/selinux/enforce')).toBe('1');
  expect(await vm.read('id -Z')).toMatch(/^unconfined_u:unconfined_r:unconfined_t:/);
});

describe('for an unconfined user', () => {
  test('Attach now attaches, and the scope is raised again', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`gdb -nx -batch -p ${pid} -ex bt; echo "left with $?"`);
    await attachNow(terminal);
    expect(await terminal.waitFor('left with 0')).toMatch(/#\d+ .* main/);
    await expectScope(vm, 1);
  });

  test('Relaunch starts the program under the tool', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -o /dev/null -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.type('Relaunch');
    await terminal.press('Enter');
    await terminal.waitFor('Remember this answer?');
    await terminal.press('Enter');
    await terminal.waitFor('What becomes of the running');
    await terminal.press('Enter');
    await terminal.waitFor(/^ready \d+/m);
    await terminal.press('C-c');
  });
});

describe('with deny_ptrace on', () => {
  beforeAll(() => vm.asRoot('setsebool deny_ptrace 1').then());
  afterAll(() => vm.asRoot('setsebool deny_ptrace 0').then());

  test('why, status and dry-run name it', async () => {
    const { pid } = await startTarget(vm);
    const why = await vm.run(`ptrace-shim why ${pid}`, { env });
    expect(why.stdout + why.stderr).toContain('SELinux boolean deny_ptrace is on');
    expect(why.status).toBe(1);
    expect(await vm.read('ptrace-shim status', { env })).toMatch(/SELinux +deny_ptrace is on/);
    expect((await vm.run(`ptrace-shim dry-run -- strace -p ${pid}`, { env })).stdout).toContain(
      'deny_ptrace',
    );
  });

  test('the shim names it, asks for no password, and runs the tool', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    const screen = await terminal.waitFor('left with 1');
    expect(screen).toContain("SELinux's deny_ptrace is on; ptrace_scope isn't the reason");
    expect(screen).not.toContain(QUESTION);
  });

  test('off again, the question is back', async () => {
    await vm.asRoot('setsebool deny_ptrace 0');
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm);
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(ASKED);
    await terminal.press('C-c');
  });
});

/** user_t, to whom the module gives what Fedora's policy gives: to trace what is confined as he is. */
describe('for a confined user', () => {
  const FOLDER = '/usr/local/ptrace-shim';
  const OUTPUT = '/tmp/confined';

  // He may execute what has the label of the system's programs, which a shared folder cannot have.
  beforeAll(() =>
    vm.asRoot(`mkdir ${FOLDER} && cd ${CHECKOUT} && cp -r dist shims libexec package.json ${TARGET} ${FOLDER}
      chcon -R -t bin_t ${FOLDER}
      touch ${OUTPUT} && chown dev ${OUTPUT} && chcon user_u:object_r:user_tmp_t:s0 ${OUTPUT}`),
  );

  /** What a script of his prints, without a terminal. systemd logs him in, as it is the one that may. */
  async function say(script: string): Promise<string> {
    const identity = '-p SELinuxContext=user_u:user_r:user_t:s0 --uid=2000 -E HOME=/home/dev';
    const output = `-p StandardOutput=truncate:${OUTPUT} -p StandardError=append:${OUTPUT}`;
    const path = `-E PATH=${FOLDER}/shims:/usr/local/bin:/usr/bin -E SCRIPT='${script}'`;
    await vm.run(`systemd-run -q --wait ${output} ${identity} ${path} /bin/sh -c 'eval "$SCRIPT"'`, {
      user: 'root',
    });
    return vm.readFile(OUTPUT);
  }
  const WHY = `node ${FOLDER}/dist/main.js why`;
  const withSibling = (command: string) =>
    say(
      `id -Z; ${FOLDER}/target sleep & until grep -q ready ${OUTPUT}; do sleep 0.1; done; ${command}; kill $!`,
    );

  test('an unconfined process is hidden, and neither why nor the shim blames the scope', async () => {
    const { pid } = await startTarget(vm);
    const text = await say(`${WHY} ${pid}; strace -p ${pid}`);
    expect(text).toContain(`${pid}: attaching is refused: it is hidden from you`);
    expect(text).toMatch(/^ptrace-shim: .*isn't the reason/m);
    expect(text).not.toMatch(/^ptrace-shim: .*ptrace_scope is 1/m);
  });

  test('of what is confined as he is, it is the scope that refuses him', async () => {
    const text = await withSibling(`${WHY} $!; strace -p $!`);
    expect(text).toMatch(/^user_u:user_r:user_t/);
    expect(text).toContain('attaching is refused: kernel.yama.ptrace_scope is 1');
  });

  test('where the policy refuses it, the policy is named', async () => {
    // Debian 13's policy, which is older than the boolean user_ptrace, lets him trace himself in any case.
    const refuses = (await vm.asRoot('ls /sys/fs/selinux/booleans')).includes('user_ptrace');
    await vm.asRoot('setsebool deny_ptrace 1');
    try {
      const text = await withSibling(`${WHY} $!; strace -p $!`);
      const reason = refuses ? "SELinux's policy does not let you" : 'kernel.yama.ptrace_scope is 1';
      expect(text).toContain(`attaching is refused: ${reason}`);
      if (refuses) expect(text).toContain(`${reason}; ptrace_scope isn't the reason`);
    } finally {
      await vm.asRoot('setsebool deny_ptrace 0');
    }
  });
});
