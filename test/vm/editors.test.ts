import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { letPass } from '../storm/storm.ts';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import type { Running } from './harness/running.ts';
import { CHECKOUT, PATH_WITH_SHIMS } from './harness/vm.ts';

/*
 * What editors do: most drive a debugger through MI or the Debug Adapter Protocol, where nobody can be asked. "ptrace-shim
 * allow" comes before; see docs/EDITORS.md. Vim, Neovim and Emacs are themselves here, of the others only what they send.
 */
const vm = await connectVm();
let undo: () => Promise<void>;
beforeAll(async () => {
  undo = await letPass(vm);
});
afterAll(() => undo());
beforeEach(() => vm.setScope(1));

interface Adapter {
  name: string;
  command: string;
  /** What attaches to a process, and what is said when that has, or has not, been done. */
  attach: (pid: number) => string;
  done: RegExp;
  refused: RegExp;
}

const isNew = Number(/ (\d+)\./.exec(await vm.read('gdb --version | head -n 1'))![1]) >= 14;
const lldb = await vm.read('command -v lldb-dap || command -v lldb-vscode-14');

const message = (seq: number, command: string, args: object) => {
  const body = JSON.stringify({ seq, type: 'request', command, arguments: args });
  return `Content-Length: ${body.length}\r\n\r\n${body}`;
};
const dap = (pid: number) =>
  [
    message(1, 'initialize', { adapterID: 'test', pathFormat: 'path', linesStartAt1: true }),
    message(2, 'attach', { pid }),
    message(3, 'configurationDone', {}),
  ].join('');

const ADAPTERS: Adapter[] = [
  {
    name: 'gdb by MI, as VS Code (cppdbg), Emacs, Qt Creator and CLion use it',
    command: 'exec gdb -nx --interpreter=mi3',
    attach: (pid) => `1-target-attach ${pid}\n`,
    done: /^1\^done/m,
    refused: /^1\^error,msg="[^\n]*Operation not permitted/m,
  },
  {
    name: 'lldb-dap, as VS Code, Neovim and Zed use it',
    command: `exec ${lldb}`,
    attach: dap,
    done: /"command":"attach"[^\r]*"success":true|"event":"process"/,
    refused: /"command":"attach"[^\r]*"success":false/,
  },
];

/** gdb speaks the protocol from 14 on. */
const GDB_DAP: Adapter = {
  name: "gdb's own DAP",
  command: 'exec gdb -nx -q --interpreter=dap',
  attach: dap,
  done: /"success": true, "command": "attach"|"command": "attach", "success": true/,
  refused: /"command": "attach"[^\r]*"success": false|"success": false[^\r]*"command": "attach"/,
};

describe.each(isNew ? [...ADAPTERS, GDB_DAP] : ADAPTERS)('$name', ({ command, attach, done, refused }) => {
  async function drive(pid: number): Promise<Running> {
    const running = await vm.start(command, { holdStdin: true });
    onTestFinished(() => running.killGroup('SIGKILL').catch(() => {}));
    await running.write(attach(pid));
    return running;
  }

  test('is refused, is let in after "allow", and no longer after "allow --revoke"', async () => {
    const { pid } = await startTarget(vm);
    await (await drive(pid)).waitFor(refused);
    await vm.read(`${CHECKOUT}/dist/main.js allow target`);
    const debugged = await drive(pid);
    await debugged.waitFor(done);
    expect(await vm.readFile(`/proc/${pid}/status`)).not.toMatch(/^TracerPid:\t0$/m);
    expect(await vm.scope()).toBe(1);
    await debugged.killGroup('SIGKILL');
    await vm.read(`${CHECKOUT}/dist/main.js allow --revoke ${pid}`);
    await (await drive(pid)).waitFor(refused);
  });
});

const TERMDEBUG = "-c 'packadd termdebug' -c Termdebug";

/** Emacs 29 and later would ask whether gdb may fetch debug information; "continue" is for all threads. */
const GUD = `--eval '(setq gdb-debuginfod-enable-setting nil gdb-non-stop-setting nil)' --eval '(gdb "gdb -nx -i=mi")'`;

/** gdb runs in a terminal of the editor, in which Neovim is to be told that one types; in Emacs in a buffer, by MI. */
describe.each([
  ['Vim with Termdebug', `vim -Nu NONE ${TERMDEBUG}`, /startupdone[\s\S]*\(gdb\)/, ''],
  ['Neovim with Termdebug', `nvim -u NONE ${TERMDEBUG}`, /startupdone[\s\S]*\(gdb\)/, 'i'],
  ['Emacs with gud', `emacs -nw -Q ${GUD}`, /\(gdb\)/, ''],
])('%s', (_, editor, started, typing) => {
  test('is refused, attaches after "allow", stops at a breakpoint, and goes on', async () => {
    const { pid } = await startTarget(vm, 'births', { args: ['1'] });
    const terminal = await vm.terminal({
      cols: 120,
      rows: 50,
      env: { PATH: PATH_WITH_SHIMS, TERM: 'xterm-256color', PS1: '$ ' },
      shell: ['/bin/bash', '--norc', '--noprofile'],
    });
    onTestFinished(() => terminal.close().catch(() => {}));
    await terminal.line(editor);
    await terminal.waitFor(started);
    await terminal.type(typing);
    await terminal.line(`attach ${pid}`);
    await terminal.waitFor('Operation not permitted');
    await vm.read(`${CHECKOUT}/dist/main.js allow ${pid}`);
    await terminal.line(`attach ${pid}`);
    const status = () => vm.readFile(`/proc/${pid}/status`);
    await expect.poll(status).toMatch(/^TracerPid:\t[1-9]/m);
    expect(await vm.scope()).toBe(1);
    await terminal.line('break live_briefly');
    await terminal.waitFor('Breakpoint 1 at');
    await terminal.line('continue');
    await terminal.waitFor(/hit Breakpoint 1, .*live_briefly/);
    await terminal.line('delete 1');
    await terminal.line('detach');
    await expect.poll(status).toMatch(/^TracerPid:\t0$/m);
    expect(await status()).toMatch(/^State:\t[SR]/m);
  });
});

describe('PTRACE_SHIM_ON_REFUSAL=attach, where nobody can be asked and no password is needed', () => {
  const env = { PATH: PATH_WITH_SHIMS, PTRACE_SHIM_ON_REFUSAL: 'attach' };
  const attach = (pid: number) => `gdb -nx -batch -p ${pid} -ex bt`;

  test.each<[string, (pid: number) => string]>([
    ['without a terminal', attach],
    [
      'under timeout, in the background of a terminal',
      (pid) => `script -qec 'timeout 600 ${attach(pid)}; true' /dev/null`,
    ],
    ['by MI', (pid) => `printf -- '-gdb-exit\n' | gdb -nx -i=mi3 -p ${pid}`],
  ])('attaches %s', async (_, command) => {
    const { pid } = await startTarget(vm);
    const { stdout, stderr } = await vm.run(['bash', '-c', command(pid)], { env });
    expect(stdout + stderr).toMatch(/idle \(\)|stopped/);
    expect(stdout + stderr).not.toMatch(/Operation not permitted|ptrace-shim: /);
  });

  test('says a line and runs the tool where a password is needed', async () => {
    await undo();
    const { pid } = await startTarget(vm);
    for (const command of [attach(pid), `script -qec 'timeout 600 ${attach(pid)}; true' /dev/null`]) {
      const { stdout, stderr } = await vm.run(['bash', '-c', command], { env });
      expect(stdout + stderr).toMatch(/ptrace-shim: you were not authorised[\s\S]*Operation not permitted/);
    }
    undo = await letPass(vm);
  });
});
