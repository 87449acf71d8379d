import { PATH_WITH_SHIMS, USERS, type Vm } from '../vm/harness/vm.ts';

/** One picture: what happens, and the screen as it then is. */
export interface Picture {
  /** Undefined while a line is being typed, as the caption is. */
  readonly name?: PictureName;
  readonly caption?: string;
  /** With its colours, as escape sequences. */
  readonly screen: string;
}

export type PictureName =
  | 'question'
  | 'remember'
  | 'password'
  | 'attached'
  | 'backtrace'
  | 'restored'
  | 'status';

/** A server of dev's that nobody's gdb is an ancestor of. Answers its pid. */
export async function startServer(vm: Vm): Promise<number> {
  await vm.read('cp /opt/ptrace-shim/test/fixtures/built/target orders-server');
  const server = await vm.start(['./orders-server', 'server', '8080']);
  await server.waitFor('ready');
  return server.pid;
}

/** Plays `gdb -p` from the question to the restored scope. Answers the exit status of the demo: 0 when all went well. */
export async function playWalkthrough(
  vm: Vm,
  pid: number,
  show: (picture: Picture) => void,
  searchPath = PATH_WITH_SHIMS,
): Promise<number> {
  const terminal = await vm.terminal({
    cols: 100,
    rows: 24,
    env: { PATH: searchPath, PS1: '$ ', TERM: 'xterm-256color' },
    shell: ['/bin/bash', '--norc', '--noprofile'],
  });
  const take = async (name: PictureName, caption: string, wanted: string | RegExp) => {
    await terminal.waitFor(wanted);
    show({ name, caption, screen: await terminal.screen({ colors: true }) });
  };

  /** As a person does, key by key. */
  const typeLine = async (text: string) => {
    const before = await terminal.screen();
    for (const [index, key] of [...text].entries()) {
      await terminal.type(key);
      await terminal.waitFor(`${before} ${text.slice(0, index + 1)}`.trimEnd());
      show({ screen: await terminal.screen({ colors: true }) });
    }
    await terminal.press('Enter');
  };

  await typeLine(`gdb -q -p ${pid}`);
  await take('question', `gdb -p ${pid} at scope 1: the kernel would refuse, and the shim asks`, 'navigate');
  await terminal.press('Enter');
  await take('remember', 'The shim asks whether it shall remember the answer', /Remember[\s\S]*navigate/);
  await terminal.press('Enter');
  await take('password', 'Attach now, just this once: polkit asks for the password', 'Password:');
  await terminal.secret(USERS.dev.password);
  await take('attached', 'gdb is attached', '(gdb)');
  await typeLine('bt 1');
  await take('backtrace', 'gdb shows where the server is', /^\(gdb\) bt 1[\s\S]*^\(gdb\)/m);
  await typeLine('shell cat /proc/sys/kernel/yama/ptrace_scope');
  await take('restored', 'gdb is attached, and the scope has been 1 all the time', /^1\n\(gdb\)/m);
  await terminal.line('quit');
  await terminal.waitFor('y or n');
  await terminal.type('y\nclear\nptrace-shim status\n');
  await take('status', 'ptrace-shim status keeps the record of who was let in', /recently[\s\S]*\$/);
  await terminal.close();
  return (await vm.scope()) === 1 ? 0 : 1;
}
