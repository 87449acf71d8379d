import { expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { expectAsItWas, openTerminal, QUESTION, startTarget } from './harness/person.ts';
import { CHECKOUT, PATH_WITH_SHIMS } from './harness/vm.ts';

const vm = await connectVm();

/** An installation of its own, to be broken; with a fake gdb behind it that prints its argv bytes. */
async function installBroken(breakIt: string): Promise<string> {
  return vm.read(
    `set -e
     dir=$(mktemp -d)
     cp -a ${CHECKOUT}/shims ${CHECKOUT}/dist ${CHECKOUT}/libexec ${CHECKOUT}/package.json "$dir"
     mkdir "$dir/bin"
     printf '#!/bin/sh\\nprintf "<%%s>" "$@"\\necho\\nexit 7\\n' >"$dir/bin/gdb"
     chmod +x "$dir/bin/gdb"
     cd "$dir"
     ${breakIt}
     echo "$dir"`,
  );
}

const ODD = `"$(printf '\\377\\033')" -p 1 '' "a'b"`;

test.each([
  [
    'Node is not in PATH',
    'mkdir tools; for t in sh readlink stty printf; do ln -s "$(command -v $t)" tools; done',
    'tools',
  ],
  ['the bundle is gone', 'rm -r dist', '/usr/bin:/bin'],
  ['a part of the bundle is gone', 'rm dist/answer.js', '/usr/bin:/bin'],
  ['the bundle is cut off', 'for f in dist/*.js; do head -c 900 "$f" >x; mv x "$f"; done', '/usr/bin:/bin'],
  ['the bundle is garbage', 'for f in dist/*.js; do head -c 999 /dev/urandom >"$f"; done', '/usr/bin:/bin'],
  [
    'the bundle prints a plan that is cut off',
    `printf 'console.log("#ptrace-shim-plan 1\\\\nexit 3")' >dist/preflight.js`,
    '/usr/bin:/bin',
  ],
  ['the bundle prints something else', `printf 'console.log("exit 3")' >dist/preflight.js`, '/usr/bin:/bin'],
  [
    'preflight kills itself',
    `printf 'process.kill(process.pid, "SIGKILL")' >dist/preflight.js`,
    '/usr/bin:/bin',
  ],
  ['the installation is read-only', 'chmod -R a-w .', '/usr/bin:/bin'],
])('runs the tool with its argv bytes when %s', async (_, breakIt, path) => {
  const dir = await installBroken(breakIt);
  const rest = path === 'tools' ? `${dir}/tools` : path;
  const { bytes, status } = await vm.run(`gdb ${ODD}`, {
    env: { PATH: `${dir}/shims:${dir}/bin:${rest}` },
  });
  expect(bytes.stdout.toString('latin1')).toBe(`<\xff\x1b><-p><1><><a'b>\n`);
  expect(status).toBe(7);
});

test('runs no preflight that somebody else put beside the folder of the links', async () => {
  const dir = await installBroken(':');
  await vm.read(
    `mkdir /tmp/dist && printf 'console.log("#ptrace-shim-plan 1\\\\nexit 3\\\\n#end")' >/tmp/dist/preflight.js`,
    { user: 'guest' },
  );
  // Nor one of the person's own that only has the name.
  await vm.read(
    `mkdir /tmp/shims && ln -s ${dir}/shims/shim /tmp/shims/gdb && cp /tmp/dist/preflight.js /tmp/shims/preflight.js`,
  );
  const { status } = await vm.run('gdb -p 1', { env: { PATH: `/tmp/shims:${dir}/bin:/usr/bin:/bin` } });
  expect(status).toBe(7);
});

test('tells a person at a terminal what to do when the bundle is gone', async () => {
  const dir = await installBroken('rm -r dist');
  const terminal = await openTerminal(vm, { env: { PATH: `${dir}/shims:${dir}/bin:/usr/bin:/bin` } });
  await terminal.line('gdb -p 1; echo "left with $?"');
  const screen = await terminal.waitFor('left with 7');
  expect(screen).toMatch(/could not check this command .*; running gdb itself/);
  expect(screen).toContain('help: ptrace-shim doctor');
  expect(screen).not.toContain('at ');
});

test.each([
  ['HOME is unset', { HOME: undefined, XDG_CONFIG_HOME: undefined, XDG_RUNTIME_DIR: undefined }, 'true'],
  ['HOME is nowhere', { HOME: '/nowhere', XDG_RUNTIME_DIR: '/nowhere' }, 'true'],
  ['the settings cannot be read', {}, 'mkdir -p ~/.config/ptrace-shim/settings.json'],
  [
    'the settings are broken',
    {},
    'mkdir -p ~/.config/ptrace-shim && echo "{" >~/.config/ptrace-shim/settings.json',
  ],
  ['the home is read-only', {}, 'chmod a-w ~'],
])('asks, and runs the tool on request, when %s', async (_, env, prepare) => {
  await vm.emptyHome();
  await vm.read(prepare);
  try {
    const { pid } = await startTarget(vm);
    const terminal = await openTerminal(vm, { cwd: '/', env });
    await terminal.line(`strace -p ${pid}; echo "left with $?"`);
    await terminal.waitFor(QUESTION);
    await terminal.type('Run');
    await terminal.press('Enter');
    await terminal.waitFor('Remember this answer?');
    await terminal.press('Enter');
    expect(await terminal.waitFor(/left with \d/)).toContain(
      `PTRACE_SEIZE, ${pid}): Operation not permitted`,
    );
  } finally {
    await vm.read('chmod u+w ~');
    await vm.emptyHome();
  }
});

test('runs the tool when preflight is killed in the middle of the question, with the terminal as it was', async () => {
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm);
  await terminal.line(`strace -p ${pid}; echo "left with $?"`);
  await terminal.waitFor(QUESTION);
  await vm.asRoot(['pkill', '-KILL', '-f', 'preflight.js']);
  await terminal.waitFor('left with 1');
  await expectAsItWas(terminal);
});

test('leaves PATH_WITH_SHIMS at a checkout that works', async () => {
  expect(await vm.read('gdb --version', { env: { PATH: PATH_WITH_SHIMS } })).toContain('GNU gdb');
});
