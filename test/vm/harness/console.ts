import { connect } from 'node:net';
import type { Booted } from './boot.ts';
import type { CommandLine, SessionOptions, Vm } from './vm.ts';

/** The guest's end of {@link Booted.console}. */
const LINE = '/dev/hvc0';

export interface ConsoleOptions extends SessionOptions {
  /** What the person talks to; a bash when not given. */
  shell?: CommandLine;
}

/**
 * Puts the person at the host's terminal into a session of the guest, until that ends. Every key goes to the guest,
 * Ctrl-C too. Returns the exit status of the shell.
 */
export async function attachConsole(
  vm: Vm,
  { console }: Pick<Booted, 'console'>,
  { user = 'dev', shell = ['/bin/bash'], env, ...options }: ConsoleOptions = {},
): Promise<number> {
  const { stdin, stdout } = process;
  const line = connect(console);
  const fit = () => vm.run(['stty', '-F', LINE, ...size(stdout)], { user: 'root' });
  await vm.asRoot(['chown', user, LINE]);
  stdin.setRawMode(true);
  stdin.pipe(line);
  line.pipe(stdout, { end: false });
  stdout.on('resize', fit);
  try {
    const words = typeof shell === 'string' ? ['/bin/sh', '-c', shell] : shell;
    // A session's first process takes the first terminal that it opens as the controlling one.
    const take = `exec <>${LINE} >&0 2>&0; stty sane iutf8 ${size(stdout).join(' ')}; exec "$@"`;
    const session = await vm.start(['/bin/sh', '-c', take, 'sh', ...words], {
      ...options,
      user,
      env: { TERM: process.env.TERM, ...env },
    });
    const { status } = await session.wait();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the last of its output is on the way
    return status ?? 1;
  } finally {
    stdout.off('resize', fit);
    stdin.unpipe(line);
    stdin.setRawMode(false);
    stdin.pause();
    line.destroy();
  }
}

function size({ rows = 24, columns = 80 }: NodeJS.WriteStream): string[] {
  return ['rows', String(rows), 'cols', String(columns)];
}
