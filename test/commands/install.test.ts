import { describe, expect, test } from 'vitest';
import { USUAL_TOOLS } from '../../src/tools/tool.ts';
import { CHECKOUT, useAccount } from './account.ts';

/** In a real account, with a terminal: test/vm/install.test.ts. */
const account = useAccount();
const { sh, read, tree } = account;

describe('install', () => {
  test('takes ~/.local/bin where PATH has it before the real tools', () => {
    const { stdout, status } = sh('ptrace-shim install', account.ahead);
    expect(withoutOthers(stdout)).toMatchInlineSnapshot(`
      "linked ~/.local/bin/gdb
      linked ~/.local/bin/strace
      linked ~/.local/bin/eu-stack
      linked ~/.local/bin/vgdb
      linked ~/.local/bin/ptrace-shim
      A shell that is open already may remember where a tool was: hash -r, or open a new terminal.
      "
    `);
    expect(status).toBe(0);
    expect(read('readlink .local/bin/gdb')).toBe('/opt/app/shims/shim');
  });

  test.each([
    ['has it behind them', () => `/usr/bin:/bin:${account.home}/.local/bin`],
    ['does not have it', () => '/usr/bin:/bin'],
  ])('takes a directory of its own where PATH %s, and says what the rc file needs', (_, PATH) => {
    const { stdout, status } = sh('ptrace-shim install', { PATH: PATH() });
    expect(withoutOthers(stdout)).toMatchInlineSnapshot(`
      "linked ~/.local/share/ptrace-shim/bin/gdb
      linked ~/.local/share/ptrace-shim/bin/strace
      linked ~/.local/share/ptrace-shim/bin/eu-stack
      linked ~/.local/share/ptrace-shim/bin/vgdb
      linked ~/.local/share/ptrace-shim/bin/ptrace-shim
      PATH does not have ~/.local/share/ptrace-shim/bin before the real tools.
      Put this line at the end of ~/.bashrc, and open a new terminal:

        export PATH="$HOME/.local/share/ptrace-shim/bin:$PATH"

      or have it put there:

        echo 'export PATH="$HOME/.local/share/ptrace-shim/bin:$PATH"' >>~/.bashrc
      "
    `);
    expect(status).toBe(0);
    expect(read('ls -A .local')).toBe('share');
  });

  test('says the second time that all is in place, and changes nothing', () => {
    sh('ptrace-shim install', account.ahead);
    const before = tree();
    const { stdout, status } = sh('ptrace-shim install', account.ahead);
    expect(withoutOthers(stdout)).toMatch(/^(in place .*\n){5}$/);
    expect(status).toBe(0);
    expect(tree()).toBe(before);
  });

  test("leaves somebody else's files alone, and says so", () => {
    sh('mkdir -p tools && echo mine >tools/gdb && ln -s /nowhere tools/strace');
    const { stdout, stderr, status } = sh('ptrace-shim install --dir tools');
    expect(stdout).toContain('linked ~/tools/eu-stack');
    expect(stdout).not.toContain('/gdb ->');
    expect(stderr).toMatchInlineSnapshot(`
      "ptrace-shim: left alone, because they are not ours: ~/tools/gdb, ~/tools/strace
        help: move it away and install again, or ptrace-shim install --dir <another directory>
      "
    `);
    expect(status).toBe(1);
    expect(read('cat tools/gdb; readlink tools/strace')).toBe('mine\n/nowhere');
    sh('ptrace-shim uninstall');
    expect(read('ls tools')).toBe('gdb\nstrace');
  });

  test('goes before a gdb of one’s own in ~/.local/bin, which stays and is reached', () => {
    sh(
      `mkdir -p .local/bin && printf '#!/bin/sh\\necho my own gdb\\n' >.local/bin/gdb && chmod +x .local/bin/gdb`,
    );
    sh('ptrace-shim install', account.ahead);
    expect(read('gdb', { PATH: `${account.home}/.local/share/ptrace-shim/bin:${account.ahead.PATH}` })).toBe(
      'my own gdb',
    );
    expect(read('ls .local/bin')).toBe('gdb');
  });

  test('links only the tools that it is told to', () => {
    sh('ptrace-shim install --tools gdb,lldb-21 --dir bin');
    expect(read('ls bin')).toBe('gdb\nlldb-21\nptrace-shim');
    const { stderr, status } = sh('ptrace-shim install --tools gdb,ddd --dir bin');
    expect(stderr).toContain("There is no shim for 'ddd'");
    expect(status).toBe(2);
  });

  test('links every tool that PATH has, by the name that it has there', () => {
    sh(
      'mkdir own; for tool in rbspy lldb-99 gdb-multiarch lldb-server; do : >own/$tool; chmod +x own/$tool; done',
    );
    sh('ptrace-shim install --dir bin', { PATH: `${account.home}/own:${account.ahead.PATH}` });
    expect(read('cd bin && ls rbspy lldb-99 gdb-multiarch')).toBe('gdb-multiarch\nlldb-99\nrbspy');
    expect(sh('ls bin/lldb-server bin/py-spy').stdout).toBe('');
    expect(sh('ptrace-shim uninstall').stdout).toContain('removed ~/bin/lldb-99\n');
  });

  test('says where a change of Node takes it away, as doctor does', () => {
    const node = `${account.home}/.nvm/versions/node/v20.20.2`;
    const home = `${node}/lib/node_modules/ptrace-shim`;
    sh(`mkdir -p ${node}/bin '${home}'; ln -s ${home}/dist/main.js ${node}/bin/ptrace-shim`);
    sh(`cd ${CHECKOUT} && cp -a shims dist libexec package.json ${home}`);
    sh(`echo 'PATH="${node}/bin:$HOME/.local/bin:$PATH"' >>.bashrc`);
    const env = { PATH: `${node}/bin:${account.ahead.PATH}` };
    expect(read('"$(command -v ptrace-shim)" install | tail -n 3', env)).toMatchInlineSnapshot(`
      "This copy belongs to Node 20.20.2. When you change to another Node:

        npm install --global ptrace-shim && ptrace-shim install"
    `);
    expect(read('"$(command -v ptrace-shim)" doctor | grep belongs', env)).toMatchInlineSnapshot(
      `"note    ptrace-shim is this copy, /home/dev/.nvm/versions/node/v20.20.2/lib/node_modules/ptrace-shim/dist/main.js, and belongs to Node 20.20.2: install it again for another Node"`,
    );
  });

  test('leaves no trace where it cannot write', () => {
    const before = tree();
    const { stderr, status } = sh('ptrace-shim install --dir /dev/null/bin');
    expect(stderr).toMatch(/^ptrace-shim: cannot write to \/dev\/null\/bin: ENOTDIR/);
    expect(status).toBe(1);
    expect(tree()).toBe(before);
  });
});

describe('uninstall leaves the home as it was, byte for byte,', () => {
  test.each([
    ['with nothing in it', 'rm .profile', () => '/usr/bin:/bin', 'ptrace-shim install'],
    ['with ~/.local/bin first in PATH', 'true', () => account.ahead.PATH, 'ptrace-shim install'],
    [
      'with empty directories in it',
      'mkdir -p .local/bin .local/share .config',
      () => account.ahead.PATH,
      'ptrace-shim install',
    ],
    [
      'with odd modes',
      'mkdir -m 700 .local; mkdir -m 711 .local/bin .local/share',
      () => account.ahead.PATH,
      'ptrace-shim install',
    ],
    ['after --dir', 'true', () => '/usr/bin:/bin', 'ptrace-shim install --dir a/b/c'],
    [
      'after three installs',
      'true',
      () => account.ahead.PATH,
      'for more in "--dir a/b/c" "--dir d" "" ""; do ptrace-shim install $more; done',
    ],
  ])('%s', (_, prepare, PATH, install) => {
    sh(prepare);
    const before = tree();
    const { status } = sh(install, { PATH: PATH() });
    expect(status).toBe(0);
    expect(tree()).not.toBe(before);
    sh('mkdir -m 700 -p .config/ptrace-shim; echo {} >.config/ptrace-shim/settings.json');
    const { stdout } = sh('ptrace-shim uninstall');
    expect(stdout).toContain('removed ~/.config/ptrace-shim/settings.json\n');
    expect(tree()).toBe(before);
    expect(sh('ptrace-shim uninstall').stdout).toBe('there was nothing of ours\n');
    expect(tree()).toBe(before);
  });

  test('but for what others have put into its directories since', () => {
    sh('ptrace-shim install', account.ahead);
    sh('echo mine >.local/bin/mine');
    sh('ptrace-shim uninstall');
    expect(read('find .local')).toBe('.local\n.local/bin\n.local/bin/mine');
  });

  test('link by link with --dir, settings apart', () => {
    const tools = USUAL_TOOLS.join(',');
    sh(`ptrace-shim install --tools ${tools} --dir a; ptrace-shim install --tools ${tools} --dir b`);
    sh('mkdir -p .config/ptrace-shim; echo {} >.config/ptrace-shim/settings.json');
    expect(sh('ptrace-shim uninstall --dir a').status).toBe(0);
    expect(read('ls -d a b .config/ptrace-shim/* | cat')).toBe('.config/ptrace-shim/settings.json\na\nb');
    expect(read('ls a; ls b')).toBe('eu-stack\ngdb\nptrace-shim\nstrace\nvgdb');
  });
});

/** This machine may have more tools than the usual ones, which have a link in any case. */
function withoutOthers(output: string): string {
  const others = output.matchAll(/^(?:linked|in place) .*\/([^/\n]+)\n/gm);
  const usual = new Set<string>([...USUAL_TOOLS, 'ptrace-shim']);
  return [...others].reduce(
    (text, [line, name]) => (usual.has(name!) ? text : text.replace(line, '')),
    output,
  );
}
