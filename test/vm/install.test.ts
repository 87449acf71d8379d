import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';
import { OTHER_TOOLS, type ToolName } from '../../src/tools/tool.ts';
import { toolOf } from '../../src/tools/tools.ts';
import { connectVm } from './harness/connect.ts';
import { ASKED, startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT, type RunOptions } from './harness/vm.ts';

const vm = await connectVm();

/** The account as useradd makes it; and for Fedora with the lines of its ~/.bashrc. */
beforeEach(async () => {
  await vm.emptyHome();
  await vm.read('cp -a /etc/skel/. .');
});
const FEDORA = `printf '%s\\n' 'PATH="$HOME/.local/bin:$HOME/bin:$PATH"' >>~/.bashrc`;

const ahead = '/home/dev/.local/bin:/usr/local/bin:/usr/bin:/bin';

function shim(words: string, { home = CHECKOUT, ...options }: RunOptions & { home?: string } = {}) {
  return vm.run(`/usr/bin/node ${home}/dist/main.js ${words}`, { ...options });
}

/** A new terminal whose shell is a login shell. */
async function login(shell: string, env: Record<string, string> = {}): Promise<Terminal> {
  const terminal = await vm.terminal({
    cols: 110,
    shell: [`/usr/bin/${shell}`, '-l'],
    env: { SHELL: `/usr/bin/${shell}`, TERM: 'xterm-256color', PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
  });
  onTestFinished(() => terminal.close().catch(() => {}));
  return terminal;
}

describe.each(['bash', 'zsh', 'fish'])('somebody whose shell is %s', (shell) => {
  test('installs, is asked in a new terminal, and no longer after uninstall', async () => {
    const { pid } = await startTarget(vm);
    const first = await login(shell);
    await first.line(`/usr/bin/node ${CHECKOUT}/dist/main.js install; echo end`);
    const screen = await first.waitFor(/^end/m);
    const [command] = /^ .*echo .*>>.*$/m.exec(screen)!;
    await first.line(`${command.trim()}; echo added`);
    await first.waitFor(/^added/m);

    const second = await login(shell);
    await second.line(`gdb -nx -p ${pid}; echo over`);
    await second.waitFor(ASKED);
    await second.press('C-c');
    await second.waitFor(/^over/m);
    await second.line('clear; ptrace-shim doctor && echo all is well');
    const found = await second.waitFor(/^all is well/m);
    expect(found).toMatch(/^ok +gdb reaches the shim/m);

    await second.line('clear; ptrace-shim uninstall; echo end');
    expect(await second.waitFor(/^end/m)).toMatch(/^note: ~\/\S+:\d+ still puts us in PATH/m);
    const third = await login(shell);
    await third.line(`gdb -nx -batch -p ${pid}; echo end`);
    const refused = await third.waitFor(/^end/m);
    expect(refused).toContain('Operation not permitted');
    expect(refused).not.toContain('ptrace-shim');
  }, 300_000); // three logins and a doctor
});

test('refuses to link into a cache of npx', async () => {
  const home = await copyTo('.npm/_npx/0123/node_modules/ptrace-shim');
  const { stderr, status } = await shim('install', { home });
  expect(stderr).toContain('help: npm install --global ptrace-shim && ptrace-shim install');
  expect(status).toBe(1);
});

describe('install --system', () => {
  test('serves all users, and uninstall --system ends it', async () => {
    const before = await vm.asRoot('ls -lA /usr/local/bin');
    onTestFinished(() => shim('uninstall --system', { user: 'root' }).then(() => {}));
    const { stdout, status } = await shim('install --system', { user: 'root' });
    expect(stdout).toContain('linked /usr/local/bin/gdb\n');
    expect(status).toBe(0);
    const { pid } = await startTarget(vm);
    const terminal = await login('bash');
    await terminal.line(`strace -p ${pid}`);
    await terminal.waitFor(ASKED);
    await terminal.press('C-c');
    expect((await shim('doctor')).status).toBe(0);
    expect((await shim('uninstall')).stdout).toMatch(
      /^note: links for all users remain .*: sudo \S+.* uninstall --system$/m,
    );
    await shim('uninstall --system', { user: 'root' });
    expect(await vm.asRoot('ls -lA /usr/local/bin')).toBe(before);
    expect(await vm.asRoot('ls -A /root')).not.toContain('.local');
  });

  test('tells others what to type', async () => {
    const { stderr, status } = await shim('install --system');
    expect(stderr).toMatch(/^ {2}help: sudo (\S+\/node \S+\/main\.js|ptrace-shim) install --system$/m);
    expect(status).toBe(1);
    const words = /help: (sudo .*)/.exec(stderr)![1]!;
    expect((await vm.run(words.replace('sudo', 'sudo -n'))).stderr).toContain('password is required');
  });

  test('refuses to have all users run what one of them can change', async () => {
    const home = await copyTo('app');
    const { stderr, status } = await shim('install --system', { home, user: 'root' });
    expect(stderr).toMatch(/^ptrace-shim: others than root can change \/home\/dev\/app\/shims\/shim/);
    expect(status).toBe(1);
    expect(await vm.read('find /usr/local/bin -name gdb')).toBe('');
  });
});

/** An installation of dev's own, to be broken. */
async function copyTo(dir: string): Promise<string> {
  return vm.read(
    `mkdir -p ${dir} && cp -a ${CHECKOUT}/shims ${CHECKOUT}/dist ${CHECKOUT}/libexec ${CHECKOUT}/package.json ${dir} && realpath ${dir}`,
  );
}

/** Which of them there are is the machine's matter. */
const OTHERS: ReadonlySet<ToolName | undefined> = new Set(OTHER_TOOLS);

/** What it finds that is broken: test/commands/doctor.test.ts. */
describe('doctor', () => {
  test('finds all well, with a copy of dev’s own', async () => {
    const home = await copyTo('app');
    await vm.read(FEDORA);
    await shim('install', { home, env: { PATH: ahead } });
    const { stdout, status } = await shim('doctor --json', { home, env: { PATH: ahead } });
    const findings: Finding[] = JSON.parse(stdout);
    const isOther = ({ id }: Finding) => OTHERS.has(toolOf(id)?.name);
    expect(new Set(findings.filter(isOther).map(({ level }) => level))).toEqual(new Set(['ok']));
    const rest = findings.filter((finding) => !isOther(finding));
    expect(rest.map(({ id, level }) => `${id} ${level}`)).toMatchInlineSnapshot(`
      [
        "shell ok",
        "gdb ok",
        "strace ok",
        "eu-stack ok",
        "vgdb ok",
        "command ok",
        "node ok",
        "bundle ok",
        "helper note",
        "elevation ok",
        "agent ok",
        "scope ok",
        "sudo note",
        "ide note",
      ]
    `);
    expect(status).toBe(0);
  });

  test('finds that nobody can become root', async () => {
    await shim('install', { env: { PATH: ahead } });
    const { stdout, status } = await vm.run(
      `setpriv --no-new-privs /usr/bin/node ${CHECKOUT}/dist/main.js doctor`,
      { env: { PATH: ahead } },
    );
    expect(stdout).toMatch(/^broken +'Attach now' cannot become root: this session can gain no privileges/m);
    expect(status).toBe(1);
  });
});
