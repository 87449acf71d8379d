import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { ASKED, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT, PATH, PATH_WITH_SHIMS, type Result, TARGET, USERS } from './harness/vm.ts';

/**
 * The user namespaces are real. flatpak-spawn and distrobox-host-exec need a desktop to talk to: stubs of them lead out of
 * the namespaces by a FIFO.
 */
const vm = await connectVm();

const GUEST = `${CHECKOUT}/test/vm/harness/guest`;
const STUBS = '/tmp/stubs';
const TOOLBOX = '.containerenv .toolbxenv';

beforeAll(async () => {
  const stubs = ['flatpak-spawn', 'distrobox-host-exec'].map(
    (name) => `ln -sf ${GUEST}/spawn.sh ${STUBS}/${name}`,
  );
  await vm.asRoot(`mkdir -p ${STUBS} && ${stubs.join(' && ')}`);
});
beforeEach(async () => {
  await vm.emptyHome();
  await vm.setScope(1);
});
afterEach(async () => expect(await vm.scope()).toBe(1));

interface Inside {
  markers?: string;
  env?: Record<string, string>;
  path?: string;
}

/** The words that make a command of root one of dev in a container. */
function within({ markers = TOOLBOX, env = {}, path = `${STUBS}:${PATH_WITH_SHIMS}` }: Inside): string[] {
  const variables = Object.entries({ PATH: path, ...env }).map(([name, value]) => `${name}=${value}`);
  return [`${GUEST}/container.sh`, markers, 'env', ...variables];
}

/** Opens a terminal in a container. */
async function openContainer(inside: Inside = {}): Promise<Terminal> {
  const terminal = await vm.terminal({
    user: 'root',
    cwd: '/home/dev',
    cols: 120,
    rows: 40,
    env: { PS1: '$ ', TERM: 'xterm-256color' },
    shell: [...within(inside), '/bin/bash', '--norc', '--noprofile'],
  });
  onTestFinished(() => terminal.close().catch(() => {}));
  return terminal;
}

function run(command: string, inside: Inside = {}): Promise<Result> {
  return vm.run([...within(inside), 'sh', '-c', command], { user: 'root', cwd: '/home/dev' });
}

async function startHost(): Promise<void> {
  const host = await vm.start([`${GUEST}/host-runner.sh`], { env: { PATH } });
  onTestFinished(() => host.kill('SIGKILL').catch(() => {}));
  await host.waitFor('ready');
}

/** A process of the container, which ends with its terminal. */
async function startInside(terminal: Terminal): Promise<number> {
  await terminal.line(`clear; ${TARGET} sleep &`);
  return Number(/ready (\d+)/.exec(await terminal.waitFor(/ready \d+/))![1]);
}

async function choose(terminal: Terminal, name: string): Promise<void> {
  await terminal.waitFor('navigate');
  await terminal.type(name);
  await terminal.press('Enter');
}

describe.each([
  ['toolbox', { markers: TOOLBOX }, 'flatpak-spawn --host gdb'],
  ['distrobox', { markers: '.containerenv', env: { CONTAINER_ID: 'box' } }, 'distrobox-host-exec gdb'],
] as const)('in a %s container', (kind, inside, command) => {
  test('runs gdb on the host for a process of the host, and offers no window', async () => {
    await startHost();
    // One that lets everybody in: the scope holds on the host as well.
    const { pid } = await startTarget(vm, 'allow-any');
    const terminal = await openContainer(inside);
    await terminal.line(`gdb -nx -batch -p ${pid} -ex bt -ex 'echo "a b"\\n'; echo "left with $?"`);
    const screen = await terminal.waitFor(ASKED);
    expect(screen).toContain(
      `ptrace-shim: gdb can't attach to ${pid}: it is a process of the host, out of reach of this ${kind} container`,
    );
    expect(screen).toContain(`${command} with the same arguments; the scope holds there, too`);
    expect(screen).toMatch(/Lower the scope +\(the scope is not the cause\)/);
    await choose(terminal, 'Run gdb on the host');
    const end = await terminal.waitFor(/left with \d+/);
    expect(end).toMatch(/#\d+ .* main/);
    expect(end).toMatch(/^"a b"$/m);
    expect(end).toContain('left with 0');
  });

  test("runs gdb as the container's own root for a process in it, and changes nothing", async () => {
    const terminal = await openContainer(inside);
    const pid = await startInside(terminal);
    await terminal.line(`gdb -nx -batch -p ${pid} -ex bt -ex 'echo "a b"\\n'; echo "left with $?"`);
    const screen = await terminal.waitFor(ASKED);
    expect(screen).toContain(
      `ptrace-shim: gdb can't attach to ${pid}: kernel.yama.ptrace_scope is 1 (restricted)`,
    );
    expect(screen).toMatch(new RegExp(`Lower the scope +\\(a ${kind} container cannot change the scope\\)`));
    expect(screen).toMatch(/Run gdb as root +sudo gdb with the same arguments/);
    await choose(terminal, 'Run gdb as root');
    await terminal.waitFor('password for dev');
    await terminal.secret(USERS.dev.password);
    const end = await terminal.waitFor(/left with \d+/);
    expect(end).toMatch(/#\d+ .* main/);
    expect(end).toMatch(/^"a b"$/m);
    expect(end).toContain('left with 0');
  });
});

test('a marker file on a machine of its own is no container: the scope can be lowered', async () => {
  await vm.asRoot('touch /.dockerenv /run/.containerenv');
  onTestFinished(async () => {
    await vm.asRoot('rm /.dockerenv /run/.containerenv');
  });
  const { pid } = await startTarget(vm);
  const { stdout } = await vm.run(`${CHECKOUT}/dist/main.js dry-run --json -- strace -p ${pid}`, {
    env: { PATH: PATH_WITH_SHIMS, container: 'podman' },
  });
  expect(JSON.parse(stdout).remedies).toMatchObject([
    { id: 'permit', available: true },
    { id: 'window', available: true },
    { id: 'relaunch', available: true },
  ]);
});

describe('shows a way that does not work with the reason:', () => {
  test('to the host, where flatpak-spawn is missing', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openContainer({ path: PATH_WITH_SHIMS });
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    const screen = await terminal.waitFor('navigate');
    expect(screen).toMatch(/Run strace on the host +\(flatpak-spawn is not installed here\)/);
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });

  test.each([
    ['no privileges can be gained', 'setpriv --no-new-privs', {}, /session can gain no privileges/],
    [
      'it lacks the capability',
      '',
      { BOUNDING: '-sys_ptrace' },
      /lacks CAP_SYS_PTRACE \(podman run --cap-add=SYS_PTRACE\)/,
    ],
  ])('its root, where %s', async (_, words, env, reason) => {
    const target = `${TARGET} sleep >/dev/null & pid=$!; sleep 0.5`;
    const script = `${target}; ${words} ${CHECKOUT}/dist/main.js dry-run --json -- strace -p $pid; kill $pid`;
    const { stdout, stderr } = await vm.run([...within({}), 'sh', '-c', script], { user: 'root', env });
    expect(stderr).toBe('');
    const root = JSON.parse(stdout).remedies.find(({ id }: { id: string }) => id === 'container-root');
    expect(root).toMatchObject({ available: false, reason: expect.stringMatching(reason) });
  });

  test('the window, in a session outside of any container that can gain no privileges', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { cols: 110 });
    await terminal.line(`setpriv --no-new-privs strace -p ${pid}; echo "left with $?"`);
    const screen = await terminal.waitFor('navigate');
    expect(screen).toMatch(/Lower the scope +\(this session can gain no privileges \(NoNewPrivs\)\)/);
    expect(screen).not.toContain('Show what runs as root');
    await terminal.press('C-c');
    await terminal.waitFor('left with 130');
  });

  test('to the host, where process ids are others', async () => {
    // A pid namespace of its own, and the host's user namespace: what such a container would see is made by hand.
    const script = `mount -t proc proc /proc
      setpriv --reuid=dev --regid=dev --init-groups ${TARGET} sleep >/tmp/in-pidns & sleep 1
      read -r ready pid </tmp/in-pidns
      ${within({ markers: '.toolbxenv' }).join(' ')} ${CHECKOUT}/dist/main.js dry-run --json -- strace -p $pid; kill $pid`;
    const { stdout } = await vm.run(['unshare', '-p', '-m', '-f', 'sh', '-c', script], { user: 'root' });
    expect(JSON.parse(stdout).remedies).toContainEqual({
      id: 'host',
      available: false,
      reason: 'process ids are others on the host',
    });
  });
});

test('a remembered answer that cannot work here leads to the question', async () => {
  await vm.saveSettings({ onRefusal: { all: 'attach' } });
  const terminal = await openContainer();
  const pid = await startInside(terminal);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  expect(await terminal.waitFor(ASKED)).toContain(
    'ptrace-shim: strace cannot be let in: a toolbox container cannot change the scope',
  );
  await terminal.press('C-c');
  await terminal.waitFor('left with 130');
});

describe('prints the way where nobody is asked:', () => {
  test('for a process of the host', async () => {
    const { pid } = await startTarget(vm);
    const { stderr } = await run(`strace -p ${pid}`);
    expect(stderr).toContain(
      `ptrace-shim: strace can't attach to ${pid}: it is a process of the host, out of reach of this toolbox container (on the host: flatpak-spawn --host strace …)\n`,
    );
    expect(stderr).toContain(`ptrace(PTRACE_SEIZE, ${pid}): Operation not permitted`);
  });

  test('for one of the container', async () => {
    const { stderr } = await run(`${TARGET} sleep >/dev/null & pid=$!; sleep 0.5; strace -p $pid; kill $pid`);
    expect(stderr).toContain("(as the container's root: sudo strace …)\n");
  });

  test('in a container that nothing leads out of, where nobody at a terminal is asked either', async () => {
    const { pid } = await startTarget(vm);
    const terminal = await openContainer({ markers: '.containerenv' });
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    const screen = await terminal.waitFor('left with 1');
    expect(screen).not.toContain(QUESTION);
    expect(screen).toContain(`it is a process of the host, out of reach of this podman container`);
  });
});

describe('says it as well:', () => {
  const MAIN = `${CHECKOUT}/dist/main.js`;

  test('ptrace-shim why, for a process of the host and for one inside', async () => {
    const { pid } = await startTarget(vm);
    const outside = await run(`${MAIN} why ${pid}`);
    expect(outside.stdout).toContain(
      `${pid} (target): attaching is refused: it is a process of the host, out of reach of this toolbox container\n`,
    );
    expect(outside.stdout).toContain(`  help: flatpak-spawn --host strace -p ${pid}\n`);
    expect(JSON.parse((await run(`${MAIN} why --json ${pid}`)).stdout)).toMatchObject([
      { cause: 'different-user', outside: true },
    ]);
    const inside = await run(`${TARGET} sleep >/dev/null & pid=$!; sleep 0.5; ${MAIN} why $pid; kill $pid`);
    expect(inside.stdout).toMatch(/ {2}help: sudo strace -p \d+\n/);
  });

  test('ptrace-shim with, for a process of the host and for one inside', async () => {
    const { pid } = await startTarget(vm);
    const outside = await run(`${MAIN} with ${pid} -- eu-stack -p ${pid}`);
    expect(outside).toMatchObject({
      status: 1,
      stdout: '',
      stderr:
        `ptrace-shim: lowering the scope would not help with ${pid}: it is a process of the host, out of reach of this toolbox container\n` +
        `  help: flatpak-spawn --host eu-stack -p ${pid}\n`,
    });
    const inside = await run(
      `${TARGET} sleep >/dev/null & pid=$!; sleep 0.5; ${MAIN} with $pid -- eu-stack -p $pid; kill $pid`,
    );
    expect(inside.stderr).toMatch(
      /^ptrace-shim: the scope is 1, and cannot be lowered: a toolbox container cannot change the scope\n {2}help: sudo eu-stack -p \d+\n$/,
    );
  });

  test('ptrace-shim dry-run, with the words that would run the tool', async () => {
    const { pid } = await startTarget(vm);
    const { stdout } = await run(`${MAIN} dry-run --json -- strace -p ${pid}`);
    expect(JSON.parse(stdout).remedies).toContainEqual({
      id: 'host',
      available: true,
      through: ['flatpak-spawn', '--host', 'strace'],
    });
  });
});
