import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { HOST_CHECKOUT } from './harness/initrd.ts';
import { ASKED, startTarget } from './harness/person.ts';
import { USERS } from './harness/vm.ts';

const vm = await connectVm();
const SHIMS = '/usr/libexec/ptrace-shim/shims';

const PACKAGES = [
  {
    kind: 'rpm',
    script: 'packaging/fedora/build.sh',
    file: /noarch\.rpm$/,
    // The package's needs are Fedora's names.
    install: 'rpm -i --nodeps',
    remove: 'rpm -e ptrace-shim',
    verify: 'rpm -V --nodeps ptrace-shim',
    list: 'rpm -ql ptrace-shim',
    shells: ['bash', 'sh', 'zsh', 'fish'],
  },
  {
    kind: 'deb',
    script: 'packaging/debian/build.sh',
    file: /\.deb$/,
    install: 'dpkg --force-depends --force-unsafe-io --no-triggers -i',
    remove: 'dpkg --force-unsafe-io --no-triggers --purge ptrace-shim',
    verify: 'dpkg --verify ptrace-shim',
    list: 'dpkg -L ptrace-shim',
    shells: ['bash', 'sh', 'fish'],
  },
];

/** What else could be left by our name; a search through all of /usr would take minutes, through 9p. */
const REMAINS = [
  '/etc/*',
  '/etc/{gdb/,}gdbinit.d',
  '/usr/bin',
  '/usr/lib/node_modules',
  '/usr/libexec',
  '/usr/share/{doc,licenses}',
  '/usr/share/{fish,polkit-1}/*',
]
  .map((folder) => `${folder}/*ptrace-s*`)
  .join(' ');

describe.each(PACKAGES)('the $kind', ({ script, file, install, remove, verify, list, shells }) => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-package-'));
    try {
      await execa('sh', [script, folder], { cwd: HOST_CHECKOUT });
      const name = (await readdir(folder)).find((each) => file.test(each))!;
      await vm.writeFile('/tmp/package', await readFile(join(folder, name)));
    } finally {
      await rm(folder, { recursive: true });
    }
    // As Fedora's own /etc/zprofile does.
    await vm.asRoot('mkdir -p /etc/zsh && echo "emulate ksh -c \'. /etc/profile\'" >/etc/zsh/zprofile');
    await vm.asRoot(`${install} /tmp/package`);
  });

  afterAll(() => vm.run(remove, { user: 'root' }));

  test("is root's alone, all that runs as root with it", async () => {
    await vm.asRoot(verify);
    const writable = `find -L /usr/libexec/ptrace-shim /usr/lib/node_modules/ptrace-shim ! -uid 0 -o -perm /022`;
    expect(await vm.read(writable)).toBe('');
  });

  test.each(shells)(
    'puts the shims first in PATH for a login of %s, once and without a word',
    async (shell) => {
      const look = 'command -v gdb; command -v ptrace-shim';
      const again = `${look}; ${shell} -lc 'printf "%s\\n" "$PATH"'`;
      const { stdout, stderr } = await vm.run([shell, '-lc', again]);
      expect(stderr).toBe('');
      const [gdb, command, path] = stdout.split('\n');
      expect(gdb).toBe(`${SHIMS}/gdb`);
      expect(command).toMatch(/^\/(usr\/)?bin\/ptrace-shim$/);
      expect(path!.split(/[: ]/).filter((folder) => folder === SHIMS)).toHaveLength(1);
    },
  );

  /** Chosen by its first letters, at a login of somebody whose own password it is to be. */
  test.each([
    ["an administrator, by an administrator's password", 'bash', 'dev', 'Lower', 'scope-window'] as const,
    ...shells
      .filter((shell) => shell !== 'sh')
      .map((shell) => {
        const name = `guest, who is no administrator, by his own password, in ${shell}`;
        return [name, shell, 'guest', 'Attach', 'permit'] as const;
      }),
  ])(
    'gets strace attached for %s, with a dialogue that says what for',
    async (_, shell, user, choice, helper) => {
      await vm.emptyHome(user);
      const { pid } = await startTarget(vm, 'sleep', { user });
      const terminal = await vm.terminal({
        user,
        shell: [shell, '-l'],
        env: { TERM: 'xterm-256color' },
        rows: 50,
      });
      onTestFinished(() => terminal.close().catch(() => {}));
      await terminal.line(`strace -p ${pid}`);
      await terminal.waitFor(ASKED);
      await terminal.type(choice);
      await terminal.press('Enter');
      await terminal.waitFor('Remember this answer?');
      await terminal.press('Enter');
      const screen = await terminal.waitFor('Password:');
      expect(screen).toMatch(/AUTHENTICATING FOR io\.github\.ptrace-shim\./);
      expect(unwrap(screen)).toContain(unwrap(await readMessage(helper)));
      await terminal.secret(USERS[user].password);
      await terminal.waitFor(`Process ${pid} attached`);
      await expect.poll(() => vm.scope()).toBe(1);
      await terminal.press('C-c');
      await terminal.waitFor(`Process ${pid} detached`);
    },
  );

  test('leaves nothing when it is removed', async () => {
    const remains = ['bash', '-c', `shopt -s nullglob; echo ${REMAINS}`];
    expect(await vm.read(remains)).toContain('/usr/libexec/ptrace-shim');
    const files = await vm.asRoot(list);
    expect(files.split('\n').length).toBeGreaterThan(50);
    const kept = '/etc/sysctl.d/60-ptrace-shim.conf';
    await vm.asRoot(['/usr/libexec/ptrace-shim/ptrace-scope-set', 'permanent', '1']);
    expect(await vm.asRoot(remove)).toContain(`"set --permanent" wrote this file, and it stays: ${kept}`);
    await vm.asRoot(['rm', kept]);
    // Folders that others use too may stay.
    const left = await vm.read(
      'while read -r file; do [ -d "$file" ] || ls -d "$file"; done 2>/dev/null; :',
      {
        stdin: `${files}\n`,
      },
    );
    expect(left).toBe('');
    expect(await vm.read(remains)).toBe('');
    const { stdout } = await vm.run(['bash', '-lc', 'command -v gdb; echo "$PATH"']);
    expect(stdout).not.toContain('ptrace-shim');
  });
});

/** What the policy has polkit say, up to where it puts something in. */
async function readMessage(helper: string): Promise<string> {
  const policy = await vm.readFile('/usr/share/polkit-1/actions/io.github.ptrace-shim.policy');
  const action = policy.slice(0, policy.indexOf(`/usr/libexec/ptrace-shim/ptrace-${helper}<`));
  const [message] = [...action.matchAll(/<message>([^$<]*)/g)].slice(-1);
  expect(message![1]!.length).toBeGreaterThan(20);
  return message![1]!;
}

/** The terminal breaks long lines wherever they reach its edge. */
function unwrap(text: string): string {
  return text.replace(/\s/g, '');
}
