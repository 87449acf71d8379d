import { describe, expect, it } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { CHECKOUT, PATH_WITH_SHIMS, type Scope, TARGET, USERS } from './harness/vm.ts';

const vm = await connectVm();

describe('the test VM', () => {
  it('has a kernel with Yama, at scope 1', async () => {
    expect(await vm.scope()).toBe(1); // read from Yama's own sysctl
  });

  it.each<Scope>([0, 2, 1])('goes to scope %i when told to', async (scope) => {
    await vm.setScope(scope);
    expect(await vm.read(['cat', '/proc/sys/kernel/yama/ptrace_scope'])).toBe(String(scope));
  });

  it('shows nothing of the host in /tmp, /home and /root', async () => {
    // What other tests left there came to be after the boot.
    const old = 'find /tmp /home /root -mindepth 1 ! -newerct "$(sed -n "s/^btime /@/p" /proc/stat)"';
    expect(await vm.asRoot(old)).toBe('');
  });

  it("has Node in PATH: that of the tests, wherever the host has it, or the userland's own", async () => {
    const own = process.env.PTRACE_SHIM_USERLAND !== undefined;
    expect(await vm.read(['node', '--version'])).toMatch(own ? /^v\d+/ : process.version);
  });

  it('has the checkout where ordinary users can read it', async () => {
    expect(await vm.read(['cat', `${CHECKOUT}/package.json`], { user: 'guest' })).toContain('"ptrace-shim"');
  });

  it('refuses strace -p at scope 1 and allows it at scope 0', async () => {
    const target = await vm.start([TARGET]);
    await target.waitFor('ready');
    const strace = `timeout 5 strace -p ${target.pid}`;

    await vm.setScope(1);
    expect((await vm.run(strace)).stderr).toContain('Operation not permitted');
    await vm.setScope(0);
    expect((await vm.run(strace)).stderr).toContain('attached');

    await vm.setScope(1);
    await target.kill('SIGKILL');
    expect(await target.wait()).toMatchObject({ status: undefined, signal: 'SIGKILL' });
  });

  it('lays orphans to rest', async () => {
    const orphan = await vm.read('(sleep 0.1 & echo $!)');
    await vm.run('sleep 0.5');
    expect((await vm.run(['test', '-e', `/proc/${orphan}`])).status).toBe(1);
  });
});

describe('run', () => {
  it('runs as dev, an administrator, in an empty home', async () => {
    expect(await vm.read('id -u; id -Gn; pwd; ls; tty || :')).toBe('2000\ndev sudo\n/home/dev\nnot a tty');
  });

  it('runs as guest, who is no administrator', async () => {
    expect(await vm.read('id -u; id -Gn', { user: 'guest' })).toBe('2001\nguest');
  });

  it('gives a login environment, with what the test adds and without what it takes away', async () => {
    const env = { PATH: PATH_WITH_SHIMS, EXTRA: 'x', LANG: undefined };
    expect((await vm.read(['env'], { env })).split('\n').sort()).toEqual([
      'EXTRA=x',
      'HOME=/home/dev',
      'LOGNAME=dev',
      `PATH=${PATH_WITH_SHIMS}`,
      'SHELL=/bin/bash',
      'USER=dev',
      'XDG_RUNTIME_DIR=/run/user/2000',
    ]);
  });

  it('passes every byte in and out', async () => {
    const stdin = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256));
    expect((await vm.run(['cat'], { stdin })).bytes.stdout.equals(stdin)).toBe(true);
  });

  it('tells status and signal', async () => {
    expect(await vm.run('echo out; echo err >&2; exit 3')).toMatchObject({
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await vm.run('kill -TERM $$')).toMatchObject({ status: undefined, signal: 'SIGTERM' });
  });

  it('rejects a command that takes too long, or does not exist', async () => {
    await expect(vm.run('echo begun; sleep 60', { timeout: 2000 })).rejects.toThrow(
      /took more than 2000 ms\nbegun/,
    );
    await expect(vm.run(['/no/such/program'], { user: 'root' })).rejects.toThrow('ENOENT');
  });

  it('runs several commands at once', async () => {
    const cat = await vm.start(['cat'], { holdStdin: true });
    expect(await vm.read('echo two')).toBe('two');
    await cat.write('one');
    await cat.waitFor('one');
    await cat.end();
    expect(await cat.wait()).toMatchObject({ status: 0, stdout: 'one' });
  });
});

describe('a terminal', () => {
  it('shows what is typed and what it does', async () => {
    const terminal = await vm.terminal({ cols: 60, rows: 10 });
    await terminal.line("echo 'it'\\''s' \"ü\"; tty; stty size; ps -o tpgid= $$");
    expect(await terminal.waitFor(/^\s*\d+$/m)).toMatch(/^it's ü\n\/dev\/pts\/\d+\n10 60\n/m);
    await terminal.close();
  });

  it('takes keys, and is resized', async () => {
    const terminal = await vm.terminal();
    await terminal.line('echo on; sleep 60');
    await terminal.waitFor(/^on$/m);
    await terminal.press('C-c');
    await terminal.waitFor(/\^C[\s\S]*\$$/); // a key that is pressed before the prompt is echoed as it is
    await terminal.resize(50, 12);
    await terminal.type('stty size\n');
    await terminal.waitFor(/^12 50\n.*\$$/m);
    await terminal.press('Up', 'Enter');
    await terminal.waitFor(/^12 50\n[\s\S]*^12 50$/m);
    await terminal.close();
  });

  it('hangs up what runs in it when it is closed', async () => {
    const terminal = await vm.terminal({ shell: [TARGET] });
    const pid = await terminal.pid();
    await terminal.waitFor(`ready ${pid}`);
    await terminal.close();
    await expect.poll(async () => (await vm.run(['test', '-e', `/proc/${pid}`])).status).toBe(1);
  });

  it('tells what it shows when what is waited for does not come', async () => {
    const terminal = await vm.terminal();
    await terminal.line('echo some""thing');
    await terminal.waitFor('something');
    await expect(terminal.waitFor('nothing', { timeout: 100 })).rejects.toThrow(
      /no nothing on the screen:[\s\S]*something/,
    );
    await terminal.close();
  });

  it('lets an administrator in by pkttyagent and pkexec', async () => {
    const terminal = await vm.terminal();
    const agent = 'pkttyagent --process $$ --notify-fd 4 4>ready &';
    const pkexec = 'pkexec --disable-internal-agent id -u';
    await vm.writeFile(
      '/home/dev/ask',
      `mkfifo ready; ${agent}\ncat ready; ${pkexec}; echo "status $?"; kill $!\n`,
    );
    await terminal.line('sh ask');
    await terminal.waitFor('Password:');
    await terminal.secret(USERS.dev.password);
    expect(await terminal.waitFor(/status \d+/)).toMatch(/^0\nstatus 0$/m);
    await terminal.close();
    await vm.emptyHome();
  });

  it('lets an administrator in by sudo, and nobody else', async () => {
    for (const [user, answer] of [
      ['dev', /^0$/m],
      ['guest', 'guest is not in the sudoers file'],
    ] as const) {
      const terminal = await vm.terminal({ user });
      await terminal.line('sudo id -u');
      await terminal.waitFor(`password for ${user}:`);
      await terminal.secret(USERS[user].password);
      await terminal.waitFor(answer);
      await terminal.close();
    }
  });
});
