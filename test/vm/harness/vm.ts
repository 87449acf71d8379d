import type { Settings } from '../../../src/settings.ts';
import { Agent } from './agent.ts';
import { PATIENCE, Running } from './running.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

/** The repository's root as the guest sees it: wherever it lies, ordinary users can read it here. */
export const CHECKOUT = '/opt/ptrace-shim';

/** The search path of a session in the guest, without the shims. */
export const PATH = '/usr/local/bin:/usr/bin:/bin';

/** The search path of somebody who uses the shims: `{ env: { PATH: PATH_WITH_SHIMS } }`. */
export const PATH_WITH_SHIMS = `${CHECKOUT}/shims:${PATH}`;

/** The words before a command of root's that takes the machine for one without systemd. */
export const WITHOUT_SYSTEMD = [
  ...['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /run/systemd && exec "$@"', 'sh'],
];

/** The program of test/fixtures/target.c, in the guest. */
export const TARGET = `${CHECKOUT}/test/fixtures/built/target`;

/** `dev` is an administrator, `guest` is not. */
export const USERS = {
  root: { uid: 0, home: '/root', password: 'root-pass' },
  dev: { uid: 2000, home: '/home/dev', password: 'dev-pass' },
  guest: { uid: 2001, home: '/home/guest', password: 'guest-pass' },
} as const;

export type User = keyof typeof USERS;

/** 0 classic, 1 restricted, 2 admin-only, 3 no attach until the reboot. */
export type Scope = 0 | 1 | 2 | 3;

/** A string is for `sh -c`; an array is executed as it is. */
export type CommandLine = string | readonly string[];

export interface SessionOptions {
  /** Whose session; `dev` when not given. */
  user?: User;
  /** Beside those of a login, or instead of them; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /** The user's home when not given. */
  cwd?: string;
}

export interface StartOptions extends SessionOptions {
  /** All that the command can read; nothing (/dev/null) when not given. */
  stdin?: string | Uint8Array;
  /** Leaves stdin, a pipe, open for `write` and `end`. */
  holdStdin?: boolean;
}

export interface RunOptions extends Omit<StartOptions, 'holdStdin'> {
  /** Milliseconds until the command and its group are killed; {@link PATIENCE} when not given. */
  timeout?: number;
}

/** How a command ended. */
export interface Result {
  /** Undefined when a signal ended it. */
  status: number | undefined;
  signal: NodeJS.Signals | undefined;
  stdout: string;
  stderr: string;
  /** The same before they were taken for UTF-8. */
  bytes: { stdout: Buffer; stderr: Buffer };
}

/** The test VM, as somebody at its keyboard sees it. */
export class Vm {
  readonly #agent: Agent;

  private constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Connects to a VM that has been booted: nobody logged in, `ptrace_scope` 1 (3 stays). */
  static async connect(socket: string): Promise<Vm> {
    const vm = new Vm(await Agent.connect(socket));
    if ((await vm.scope()) !== 3) await vm.setScope(1);
    return vm;
  }

  /** Runs a command to its end, without a controlling terminal. Throws when it takes too long. */
  async run(command: CommandLine, { timeout = PATIENCE, ...options }: RunOptions = {}): Promise<Result> {
    const running = await this.start(command, options);
    const timer = setTimeout(() => running.killGroup('SIGKILL').catch(() => {}), timeout);
    const begun = Date.now();
    const result = await running.wait();
    clearTimeout(timer);
    if (result.signal === 'SIGKILL' && Date.now() - begun >= timeout) {
      throw new Error(`${command} took more than ${timeout} ms\n${result.stdout}${result.stderr}`);
    }
    return result;
  }

  /** The stdout of a command that must succeed, without the last newline. */
  async read(command: CommandLine, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, options);
    if (status !== 0) throw new Error(`${command}: status ${status}\n${stdout}${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  /** {@link read} by root. */
  async asRoot(command: CommandLine, options: Omit<RunOptions, 'user'> = {}): Promise<string> {
    return this.read(command, { ...options, user: 'root' });
  }

  /** Starts a command in the background, as the leader of a session without a controlling terminal. */
  async start(
    command: CommandLine,
    { user = 'dev', env, cwd, stdin, holdStdin }: StartOptions = {},
  ): Promise<Running> {
    const words = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    return Running.start(this.#agent, {
      argv: [...identity(user), ...words],
      env: environment(user, env),
      cwd: cwd ?? USERS[user].home,
      stdin: stdin === undefined ? undefined : Buffer.from(stdin).toString('base64'),
      hold: holdStdin,
    });
  }

  /** Opens a terminal, 100 columns by 30 rows when not told otherwise, and waits for the prompt. */
  async terminal(options: TerminalOptions = {}): Promise<Terminal> {
    return Terminal.open(this, options);
  }

  /** Sends a signal to any process of the guest, as root. A negative number is a process group. */
  async kill(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#agent.ask({ do: 'kill', pid, signal });
  }

  /** `kernel.yama.ptrace_scope` now. */
  async scope(): Promise<Scope> {
    return Number(await this.readFile(SCOPE)) as Scope;
  }

  /** Writes `kernel.yama.ptrace_scope` as root. There is no way back from 3: boot a VM of its own for it. */
  async setScope(scope: Scope): Promise<void> {
    await this.writeFile(SCOPE, String(scope));
  }

  /** Reads a file of the guest as root. */
  async readFile(path: string): Promise<string> {
    return (await this.readBytes(path)).toString();
  }

  async readBytes(path: string): Promise<Buffer> {
    const { data } = await this.#agent.ask({ do: 'readFile', path });
    return Buffer.from(data!, 'base64');
  }

  /** Writes a file of the guest. What is there keeps its mode, and is the user's from then on. */
  async writeFile(path: string, text: string | Uint8Array, { user = 'root' as User } = {}): Promise<void> {
    const data = Buffer.from(text).toString('base64');
    await this.#agent.ask({ do: 'writeFile', path, data, uid: USERS[user].uid });
  }

  /** Empties a user's home, as on the first day. */
  async emptyHome(user: 'dev' | 'guest' = 'dev'): Promise<void> {
    await this.asRoot(['/usr/bin/find', USERS[user].home, '-mindepth', '1', '-delete']);
    await this.writeFile(`${USERS[user].home}/.zshrc`, '', { user }); // or zsh asks a newcomer to write one
  }

  /** What `ptrace-shim config set` would leave in dev's home, with no other settings beside it. */
  async saveSettings(settings: Partial<Settings>): Promise<void> {
    const folder = '.config/ptrace-shim';
    const stdin = JSON.stringify(settings);
    await this.read(`mkdir -p ${folder} && cat >${folder}/settings.json`, { stdin });
  }

  /** Hangs up. The VM lives on for the next. */
  close(): void {
    this.#agent.close();
  }
}

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const BECOME = `${CHECKOUT}/test/fixtures/built/become`;

/** The words before a command that make it the user's. It is executed in place, so the pid is the command's. */
function identity(user: User): string[] {
  return user === 'root' ? [] : [BECOME, user, String(USERS[user].uid)];
}

/** What a login would set, and nothing of the host's or the agent's. */
function environment(user: User, env: SessionOptions['env']): Record<string, string | undefined> {
  return {
    HOME: USERS[user].home,
    USER: user,
    LOGNAME: user,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    PATH: user === 'root' ? `/usr/local/sbin:/usr/sbin:/sbin:${PATH}` : PATH,
    ...(user === 'root' ? {} : { XDG_RUNTIME_DIR: `/run/user/${USERS[user].uid}` }),
    ...env,
  };
}
