import type { Agent, Answer } from './agent.ts';
import type { Result } from './vm.ts';

/**
 * Milliseconds of the host's until something that is waited for will not come any more. Long, as a busy host emulates many
 * times more slowly, and no test is to pass or fail by that.
 */
export const PATIENCE = 600_000;

/** A command in the guest, as long as it runs and after. */
export class Running {
  readonly #agent: Agent;
  readonly #chunks: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  readonly #watchers = new Set<() => void>();
  readonly #end: Promise<Result>;
  #id = '';
  #pid = 0;
  #ended = false;

  /** Resolves once the command has a pid. Rejects when there is no such program or working directory. */
  static async start(agent: Agent, request: Record<string, unknown>): Promise<Running> {
    let started: (running: Running) => void;
    let failed: (error: Error) => void;
    const promise = new Promise<Running>((resolve, reject) => {
      started = resolve;
      failed = reject;
    });
    const running: Running = new Running(
      agent,
      request,
      () => started(running),
      (error) => failed(error),
    );
    return promise;
  }

  private constructor(
    agent: Agent,
    request: Record<string, unknown>,
    started: () => void,
    failed: (error: Error) => void,
  ) {
    this.#agent = agent;
    this.#end = new Promise((resolve, reject) => {
      this.#id = agent.send({ ...request, do: 'start' }, (answer) => {
        if (answer.error !== undefined) {
          failed(new Error(answer.error));
          reject(new Error(answer.error));
        }
        if (answer.pid !== undefined) {
          this.#pid = answer.pid;
          started();
        }
        if (answer.out) this.#chunks.out.push(Buffer.from(answer.out, 'base64'));
        if (answer.err) this.#chunks.err.push(Buffer.from(answer.err, 'base64'));
        if (answer.exit) resolve(this.#result(answer.exit));
        if (answer.exit || answer.error !== undefined) this.#ended = true;
        for (const watcher of this.#watchers) watcher();
      });
    });
    this.#end.catch(() => {}); // nobody may wait for it
  }

  /** In the guest; of the command itself when it was given as an array. */
  get pid(): number {
    return this.#pid;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** What has come so far. */
  get stdout(): string {
    return Buffer.concat(this.#chunks.out).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#chunks.err).toString();
  }

  /** Waits for text on stdout or stderr. Throws when it doesn't come, with what did. */
  async waitFor(wanted: string | RegExp, { timeout = PATIENCE } = {}): Promise<string> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const output = this.stdout + this.stderr;
      if (isIn(output, wanted)) return output;
      if (this.#ended) throw new Error(`the command ended without ${wanted}:\n${output}`);
      if (!(await this.changed(deadline - Date.now()))) throw new Error(`no ${wanted} in:\n${output}`);
    }
  }

  /** Waits for more output or the end. Returns whether that came in the given milliseconds. */
  changed(timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (came: boolean) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve(came);
      };
      const watcher = () => done(true);
      const timer = setTimeout(() => done(false), Math.max(0, timeout));
      this.#watchers.add(watcher);
    });
  }

  /** Writes to the stdin of a command started with `holdStdin`. */
  async write(text: string | Uint8Array): Promise<void> {
    await this.#write(text, false);
  }

  /** Closes the stdin of a command started with `holdStdin`. */
  async end(): Promise<void> {
    await this.#write('', true);
  }

  async #write(text: string | Uint8Array, end: boolean): Promise<void> {
    await this.#agent.ask({ do: 'write', to: this.#id, data: Buffer.from(text).toString('base64'), end });
  }

  /** Sends a signal to the command alone. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#agent.ask({ do: 'kill', pid: this.#pid, signal });
  }

  /** Sends a signal to the command and to what it started. */
  async killGroup(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#agent.ask({ do: 'kill', pid: -this.#pid, signal });
  }

  /** Waits for the end, however long it takes. */
  wait(): Promise<Result> {
    return this.#end;
  }

  #result({ status, signal }: NonNullable<Answer['exit']>): Result {
    const bytes = { stdout: Buffer.concat(this.#chunks.out), stderr: Buffer.concat(this.#chunks.err) };
    return {
      status: status ?? undefined,
      signal: signal ?? undefined,
      stdout: this.stdout,
      stderr: this.stderr,
      bytes,
    };
  }
}

export function isIn(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
