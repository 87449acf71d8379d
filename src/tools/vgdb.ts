import { attachTo, OTHER } from './intent.ts';
import { readWhole } from './number.ts';
import type { Intent, Surroundings, Tool } from './tool.ts';

/**
 * vgdb of valgrind: talks to valgrind through FIFOs, and attaches to wake it up when it is blocked in a system call,
 * again and again. Read as coregrind/vgdb.c does (3.16 to 3.24).
 */
export const vgdb: Tool = { name: 'vgdb', package: 'valgrind', recognise };

function recognise(words: readonly string[], surroundings: Surroundings): Intent {
  const numbers = new Map<string, number>();
  let prefix: string | undefined;
  let command = false;

  for (const word of words) {
    const [, name, value] = /^(-[^=]*=)(.*)$/s.exec(word) ?? [];
    if (name !== undefined && NUMBERS.has(name)) {
      const number = value === '' ? 0 : readWhole(value!);
      if (number === undefined || (name === '--pid=' && numbers.has(name))) return OTHER;
      numbers.set(name, number);
    } else if (name === '--vgdb-prefix=') prefix = value;
    else if (word === '-c' || !word.startsWith('-')) command = true;
    else if (word !== '-d' && word !== '-T') return OTHER; // -l, -D, -h, --multi …, and what vgdb does not know
  }

  const attachAfter = numbers.get('--max-invoke-ms=') ?? 100;
  const timeOut = numbers.get('--cmd-time-out=');
  if (attachAfter === 0) return OTHER; // it waits for valgrind and never attaches
  if (timeOut !== undefined && timeOut * 1000 <= attachAfter) return OTHER;
  if (command && numbers.get('--port=')) return OTHER;

  const running = listValgrinds(prefix ?? defaultPrefix(surroundings), surroundings);
  const pid = numbers.get('--pid=') ?? (running.length === 1 ? running[0]! : 0);
  if (!running.includes(pid)) return OTHER; // no FIFO: nothing that could be refused
  return attachTo(pid, 'until-exit');
}

const NUMBERS = new Set(['--pid=', '--wait=', '--max-invoke-ms=', '--cmd-time-out=', '--port=']);

/** Where valgrind puts its FIFOs when nobody says otherwise. */
export function defaultPrefix({ env }: Surroundings): string {
  return `${env.TMPDIR || '/tmp'}/vgdb-pipe`;
}

/** The live processes with a FIFO `PREFIX-from-vgdb-to-PID-by-USER-on-HOST`; vgdb tells stale ones by the pid too. */
export function listValgrinds(prefix: string, { list }: Surroundings): number[] {
  const slash = prefix.lastIndexOf('/');
  const start = `${prefix.slice(slash + 1)}-from-vgdb-to-`;
  return list(slash < 0 ? '.' : prefix.slice(0, slash + 1))
    .filter((name) => name.startsWith(start))
    .map((name) => Number(/^\d+(?=-)/.exec(name.slice(start.length))?.[0] ?? 0))
    .filter((pid) => pid > 0 && list(`/proc/${pid}`).length > 0);
}
