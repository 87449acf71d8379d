import { isIn, PATIENCE, type Running } from './running.ts';
import { CHECKOUT, type SessionOptions, type Vm } from './vm.ts';

export interface TerminalOptions extends SessionOptions {
  cols?: number;
  rows?: number;
  /** The program in the terminal, `/bin/bash` when not given. */
  shell?: string | readonly string[];
}

/** A key by tmux's name for it, as `Enter`, `C-c`, `Up`, `Escape`, `Space`, `BSpace`. */
export type Key = string;

/**
 * A terminal in the guest, with somebody at its keyboard: tmux in control mode (tmux(1), CONTROL MODE).
 * The shell leads a session of its own with the terminal as the controlling one.
 */
export class Terminal {
  static #count = 0;

  readonly #vm: Vm;
  readonly #control: Running;
  /** How much of what tmux says has been taken as answers. */
  #taken = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(vm: Vm, control: Running) {
    this.#vm = vm;
    this.#control = control;
  }

  static async open(
    vm: Vm,
    { cols = 100, rows = 30, shell = '/bin/bash', ...options }: TerminalOptions,
  ): Promise<Terminal> {
    const words = typeof shell === 'string' ? [shell] : shell;
    const name = `vm-${process.pid}-${Terminal.#count++}`;
    const server = ['tmux', '-u', '-L', name, '-f', `${CHECKOUT}/test/vm/harness/guest/tmux.conf`];
    const size = ['-x', String(cols), '-y', String(rows)];
    // The program need not know that its terminal is tmux.
    const program = [
      'env',
      '-u',
      'TMUX',
      '-u',
      'TMUX_PANE',
      '-u',
      'TERM_PROGRAM',
      '-u',
      'TERM_PROGRAM_VERSION',
    ];
    const control = await vm.start([...server, '-C', 'new-session', ...size, ...program, ...words], {
      ...options,
      holdStdin: true,
    });
    const terminal = new Terminal(vm, control);
    await terminal.#answer(); // to new-session
    // Whoever looks on does not change the size. Set now: tmux 3.3a crashes when the first session finds it set.
    await terminal.#tmux('set-option -g window-size manual');
    await terminal.waitFor(/\S/);
    return terminal;
  }

  /** Types text. A newline in it is the Enter key. */
  async type(text: string): Promise<void> {
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) await this.press('Enter');
      if (line) await this.#tmux(`send-keys -l -- '${line.replaceAll("'", `'\\''`)}'`);
    }
  }

  async press(...keys: Key[]): Promise<void> {
    await this.#tmux(`send-keys -- ${keys.map((key) => `'${key}'`).join(' ')}`);
  }

  /** Types a line and presses Enter. */
  async line(text: string): Promise<void> {
    await this.type(text);
    await this.press('Enter');
  }

  /** The rows as they are on the screen now, without the blanks at their ends and the blank rows at the end. */
  async screen({ colors = false } = {}): Promise<string> {
    return this.#capture(colors ? '-e' : '');
  }

  /** The screen and what has scrolled off it. */
  async history(): Promise<string> {
    return this.#capture('-S -');
  }

  /** Waits until the screen shows something, and returns the screen. Throws when it doesn't, with what it shows. */
  async waitFor(wanted: string | RegExp, { timeout = PATIENCE } = {}): Promise<string> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const screen = await this.screen();
      if (isIn(screen, wanted)) return screen;
      const rest = deadline - Date.now();
      if (rest <= 0) throw new Error(`no ${wanted} on the screen:\n${screen}`);
      // tmux tells of every output; it may have told already of one that came after this screen.
      if (!this.#control.stdout.includes('%output', this.#taken)) {
        await this.#control.changed(Math.min(rest, 500));
      }
    }
  }

  /**
   * Types a secret and presses Enter, once what is typed is not shown: whoever switches that off (pkttyagent) throws away
   * what was typed before.
   */
  async secret(text: string): Promise<void> {
    const tty = await this.#ask('#{pane_tty}');
    const wait = `until stty -F ${tty} -a | grep -q -- ' -echo '; do sleep 0.05; done`;
    await this.#vm.asRoot(wait);
    await this.line(text);
  }

  /** Returns once the program's terminal has the size: today's tmux takes its time to tell it. */
  async resize(cols: number, rows: number): Promise<void> {
    await this.#tmux(`resize-window -x ${cols} -y ${rows}`);
    const tty = await this.#ask('#{pane_tty}');
    await this.#vm.asRoot(`until [ "$(stty -F ${tty} size)" = '${rows} ${cols}' ]; do sleep 0.05; done`);
  }

  /** The pid of the program in the terminal, a shell as a rule. */
  async pid(): Promise<number> {
    return Number(await this.#ask('#{pane_pid}'));
  }

  /** The pid of the terminal emulator, so to speak: the parent of the shell. */
  async emulatorPid(): Promise<number> {
    return Number(await this.#ask('#{pid}'));
  }

  async showsCursor(): Promise<boolean> {
    return (await this.#ask('#{cursor_flag}')) === '1';
  }

  /** Closes the window: what runs in it is hung up. */
  async close(): Promise<void> {
    if (!this.#control.hasEnded) await this.#control.write('kill-server\n');
    await this.#control.wait();
  }

  async #ask(format: string): Promise<string> {
    return (await this.#tmux(`display-message -p '${format}'`)).join('\n');
  }

  async #capture(options: string): Promise<string> {
    const rows = await this.#tmux(`capture-pane -p ${options}`);
    return rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Has tmux do one thing at a time. */
  #tmux(command: string): Promise<string[]> {
    const turn = this.#turn.then(async () => {
      await this.#control.write(`${command}\n`);
      return this.#answer();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Waits for the next `%begin` … `%end` in what tmux says; the two bear the same number. */
  async #answer(): Promise<string[]> {
    for (;;) {
      const said = this.#control.stdout.slice(this.#taken);
      const block = /^%begin (.*)\n([\s\S]*?)^%(end|error) \1\n/m.exec(said);
      if (block) {
        this.#taken += block.index + block[0].length;
        if (block[3] === 'error') throw new Error(`tmux: ${block[2]}`);
        return block[2]!.split('\n').slice(0, -1);
      }
      if (!(await this.#control.changed(PATIENCE))) throw new Error(`tmux does not answer:\n${said}`);
      if (this.#control.hasEnded) throw new Error('the terminal is closed');
    }
  }
}
