import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bootVm } from './harness/boot.ts';
import { connectVm } from './harness/connect.ts';
import { openTerminal, QUESTION } from './harness/person.ts';
import type { Running } from './harness/running.ts';
import { CHECKOUT, type StartOptions, TARGET } from './harness/vm.ts';

const vm = await connectVm();
beforeAll(() => vm.asRoot(`cp /usr/bin/setpriv ${OWN_SETPRIV}`));
beforeEach(() => vm.setScope(1));

const RUN = `/usr/bin/node ${CHECKOUT}/dist/main.js run --`;

/** Ours, as a test may put another one in its place. */
const OWN_SETPRIV = '/tmp/setpriv';

/** What puts other files in place of these, for this command alone: run as root. */
function having(files: Record<string, string>): string {
  const mounts = Object.entries(files).map(([file, other]) => `mount --bind ${other} ${file}`);
  return `unshare -m sh -c '${mounts.join(' && ')} && exec ${OWN_SETPRIV} --reuid=2000 --regid=2000 --init-groups "$@"' sh`;
}

/** The same where these cannot be executed. */
function without(...names: ('setpriv' | 'perl' | 'python3')[]): string {
  return having(Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, '/dev/null'])));
}

async function startRun(command: string, options: StartOptions = {}): Promise<Running> {
  const running = await vm.start(command, options);
  onTestFinished(() => running.killGroup('SIGKILL').catch(() => {}));
  return running;
}

async function readyPid(running: Running): Promise<number> {
  return Number(/ready (\d+)/.exec(await running.waitFor(/ready \d+\n/))![1]);
}

test('starts a server that strace attaches to from another terminal, without a question', async () => {
  const first = await openTerminal(vm);
  await first.line(`ptrace-shim run -- ${TARGET} sleep`);
  const screen = await first.waitFor(/ready \d+/);
  expect(screen).toContain(
    'ptrace-shim: your tools may attach to target, at scope 1 only, and not to its children (by ',
  );
  const pid = /ready (\d+)/.exec(screen)![1];
  const second = await openTerminal(vm);
  await second.line(`strace -p ${pid}; echo "left with $?"`);
  const other = await second.waitFor(/attached/);
  expect(other).not.toContain(QUESTION);
  expect(other).not.toContain('ptrace-shim:');
  await second.press('C-c');
  await second.waitFor('left with');
  await first.press('C-c');
  await first.waitFor(/\^C[\s\S]*\$ $|\^C[\s\S]*\$$/);
});

describe('lets a tool in, which it would not without', () => {
  // gdb would look for the program's file in the mount namespace that the test made.
  const attach = (pid: number) => vm.run(`eu-stack -p ${pid}`);

  test('with the best there is', async () => {
    const plain = await startRun(`exec ${TARGET} sleep`);
    expect((await attach(await readyPid(plain))).stderr).toContain('Operation not permitted');
    const permitted = await startRun(`exec ${RUN} ${TARGET} sleep`);
    expect((await attach(await readyPid(permitted))).stdout).toMatch(/#\d+ .* main/);
  });

  test.each([
    ['perl', without('setpriv')],
    ['python3', without('setpriv', 'perl')],
  ])('with %s, where nothing better works', async (name, within) => {
    const running = await startRun(`exec ${within} ${RUN} ${TARGET} sleep`, { user: 'root' });
    const pid = await readyPid(running);
    expect(running.stderr).toContain(`(by ${name})`);
    expect((await attach(pid)).stdout).toMatch(/#\d+ .* main/);
  });

  // Debian 12's setpriv has no --ptracer: a stub reads its options, and calls the real prctl.
  test('with a setpriv that has --ptracer', async () => {
    const stub = `#!/usr/bin/perl
      die "unexpected: @ARGV" unless "@ARGV[0..2]" eq '--ptracer any --';
      syscall(157, 0x59616d61, -1, 0, 0, 0) == 0 or die; exec { $ARGV[3] } @ARGV[3..$#ARGV]`;
    await vm.writeFile('/tmp/setpriv-2.41', stub);
    await vm.asRoot('chmod 755 /tmp/setpriv-2.41');
    const within = having({ '/usr/bin/setpriv': '/tmp/setpriv-2.41' });
    const running = await startRun(`exec ${within} ${RUN} ${TARGET} sleep`, { user: 'root' });
    const pid = await readyPid(running);
    expect(running.stderr).toContain('(by setpriv)');
    expect((await attach(pid)).stdout).toMatch(/#\d+ .* main/);
  });

  test('or starts nothing, where none of the three works', async () => {
    const none = without('setpriv', 'perl', 'python3');
    const { status, stdout, stderr } = await vm.run(`exec ${none} ${RUN} ${TARGET} sleep`, { user: 'root' });
    expect(stdout).toBe('');
    expect(stderr).toBe(
      'ptrace-shim: setpriv has no --ptracer (util-linux before 2.41), and there is no perl or python3 that works\n' +
        '  help: ptrace-shim run --tree -- COMMAND, or start it as it is, then: ptrace-shim with PID -- COMMAND\n',
    );
    expect(status).toBe(1);
  });

  test('but not to its children', async () => {
    const running = await startRun(`exec ${RUN} sh -c '${TARGET} sleep; :'`);
    expect((await attach(await readyPid(running))).stderr).toContain('Operation not permitted');
  });
});

describe.each([
  ['perl', `${without('setpriv')} `],
  ['python3', `${without('setpriv', 'perl')} `],
] as const)('through %s the program', (_, within) => {
  const user = 'root';

  test('gets its argv bytes and its environment', async () => {
    const odd = `"$(printf 'a\\377\\033é\\n\\nx')" -- -p '' "it's $HOME" "$(printf '\\377\\n\\n.')"`;
    const { bytes, status } = await vm.run(`${within}${RUN} /bin/sh -c 'printf "<%s>" "$@"; env' sh ${odd}`, {
      user,
      env: { HELD: 'a b', LC_ALL: undefined, LANG: undefined },
    });
    const text = bytes.stdout.toString('latin1');
    const [words, env] = [text.slice(0, text.lastIndexOf('>') + 1), text.slice(text.lastIndexOf('>') + 1)];
    expect(words).toBe(
      `<a\xff\x1b${Buffer.from('é').toString('latin1')}\n\nx><--><-p><><it's /root><\xff\n\n.>`,
    );
    expect(env).toMatch(/^HELD=a b$/m);
    expect(env).not.toMatch(/^LC_|PERL|PYTHON/m);
    expect(status).toBe(0);
  });

  test('is told nothing of our own colours', async () => {
    const terminal = await openTerminal(vm, { user });
    await terminal.line(`${within}${RUN} env | grep -c FORCE_COLOR`);
    await terminal.waitFor(/^0$/m);
  });

  test('has the signals and the limit of open files that it would have had', async () => {
    const ask = `/bin/sh -c 'grep -E "^Sig(Ign|Blk)" /proc/self/status; ulimit -n'`;
    const limited = (command: string) => vm.read(`ulimit -S -n 300; ${command}; :`, { user });
    expect(await limited(`${within}${RUN} ${ask}`)).toBe(await limited(ask));
  });

  test('reads stdin and writes stdout', async () => {
    const { stdout } = await vm.run(`${within}${RUN} tr a-z A-Z`, { user, stdin: 'text' });
    expect(stdout).toBe('TEXT');
  });

  test.each([
    ["sh -c 'exit 42'", 42],
    ["sh -c 'kill -TERM $$'", 143],
    ["sh -c 'kill -KILL $$'", 137],
  ])('leaves with its status: %s', async (command, expected) => {
    expect((await vm.run(`${within}${RUN} ${command}; exit $?`, { user })).status).toBe(expected);
  });
});

test.each([
  ['no-such-program', 127, 'no-such-program: command not found'],
  ['/no/such/program', 127, '/no/such/program: no such file or directory'],
  ['/etc/passwd', 126, '/etc/passwd: permission denied'],
  ['/etc', 126, '/etc: is a directory'],
  ["''", 127, "'': command not found"],
  ["'a\u001b[2Jb'", 127, 'a\\e[2Jb: command not found'],
])('says as a shell does that %s cannot run', async (command, status, message) => {
  const result = await vm.run(`${RUN} ${command}`);
  expect(result).toMatchObject({ status, stdout: '', stderr: `ptrace-shim: ${message}\n` });
});

describe('at another scope', () => {
  test('0 runs the program without a word', async () => {
    await vm.setScope(0);
    expect(await vm.run(`${RUN} echo done`)).toMatchObject({ status: 0, stdout: 'done\n', stderr: '' });
  });

  test('3 is the end of it', async () => {
    const { vm: other, stop } = await bootVm();
    await other.setScope(3);
    expect(await other.run(`${RUN} echo done`)).toMatchObject({
      status: 1,
      stdout: '',
      stderr:
        'ptrace-shim: kernel.yama.ptrace_scope is 3 (no-attach): nothing helps\n  help: ptrace-shim explain\n',
    });
    other.close();
    await stop();
  });

  test('2 runs it for root, whose tools need no permission', async () => {
    await vm.setScope(2);
    expect(await vm.run(`${RUN} echo done`, { user: 'root' })).toMatchObject({
      stdout: 'done\n',
      stderr: '',
    });
  });
});

describe('in a user namespace of its own', () => {
  const TREE = RUN.replace('run --', 'run --tree --');
  const SAYS =
    'ptrace-shim: your tools may attach to sh and all that it starts; set-uid programs, as sudo, do not work in there (by unshare)\n';

  test.each([1, 2] as const)('at scope %i, lets tools in to what it starts', async (scope) => {
    await vm.setScope(scope);
    const running = await startRun(
      `exec ${scope === 2 ? RUN : TREE} sh -c 'echo shell $$; ${TARGET} sleep; :'`,
    );
    const child = await readyPid(running);
    const shell = Number(/shell (\d+)/.exec(running.stdout)![1]);
    expect(running.stderr).toBe(SAYS);
    const { stderr } = await vm.run(`timeout -s INT 2 strace -p ${child} -p ${shell}`);
    expect(stderr).toContain(`Process ${child} attached`);
    expect(stderr).toContain(`Process ${shell} attached`);
    const stranger = await vm.run(`strace -p ${child}`, { user: 'guest' });
    expect(stranger.stderr).toContain('Operation not permitted');
  });

  test('lets its own processes in to each other', async () => {
    const inside = `${TARGET} sleep & timeout -s INT 2 strace -o /dev/null -p $!; kill $!`;
    const result = await vm.run(`${TREE} sh -c '${inside}'`);
    expect(result.stderr).toContain('attached');
    expect(result.stderr).not.toContain('Operation not permitted');
  });

  test('leaves the program its user, its groups by number, and its libraries', async () => {
    const ask = 'id -u; id -g; echo $LD_LIBRARY_PATH; grep NoNewPrivs /proc/self/status';
    const env = { LD_LIBRARY_PATH: '/tmp' };
    const { stdout } = await vm.run(`${TREE} sh -c '${ask}'`, { env });
    expect(stdout).toBe('2000\n2000\n/tmp\nNoNewPrivs:\t0\n');
  });

  test('starts nothing where the system permits none', async () => {
    const limit = '/proc/sys/user/max_user_namespaces';
    const before = await vm.readFile(limit);
    await vm.writeFile(limit, '0');
    onTestFinished(() => vm.writeFile(limit, before));
    expect(await vm.run(`${TREE} echo done`)).toMatchObject({
      status: 1,
      stdout: '',
      stderr:
        'ptrace-shim: this system lets you make no user namespace\n' +
        '  help: start it as it is, then: ptrace-shim with PID -- COMMAND\n',
    });
  });
});

test.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT'] as const)(
  'hands %s on to the program',
  async (signal) => {
    const trap = `trap 'echo caught; exit 5' ${signal.slice(3)}; echo up; while :; do sleep 0.1; done`;
    const running = await startRun(`exec ${RUN} sh -c "${trap}"`);
    await running.waitFor('up');
    await running.kill(signal);
    await running.waitFor('caught');
    expect((await running.wait()).status).toBe(5);
  },
);

test('ends with the program that Ctrl-C at the terminal ends, and stops with Ctrl-Z', async () => {
  const terminal = await openTerminal(vm);
  await terminal.line(
    `ptrace-shim run -- sh -c "trap 'echo one; exit 7' INT; echo up; sleep 60 & wait"; echo "left with $?"`,
  );
  await terminal.waitFor(/^up$/m);
  await terminal.press('C-z');
  await terminal.waitFor('Stopped');
  await terminal.line('fg; echo "left with $?"');
  await terminal.waitFor(/^ptrace-shim run/m); // bash says what is in front again
  await terminal.press('C-c');
  const screen = await terminal.waitFor(/^left with 7/m);
  expect(screen.match(/one$/gm) ?? []).toHaveLength(1);
});
