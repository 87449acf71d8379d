import { attachTo, OTHER } from './intent.ts';
import { readPidAnyBase } from './number.ts';
import type { Intent, Tool } from './tool.ts';

/** gdbserver. It reads its words itself, in their order (gdbserver/server.cc, captured_main). */
export const gdbserver: Tool = {
  name: 'gdbserver',
  package: 'gdb-gdbserver',
  debianPackage: 'gdbserver',
  pids: { operand: 'digit' },
  recognise,
};

function recognise(words: readonly string[]): Intent {
  const end = findComm(words);
  if (end === undefined) return OTHER;
  const options = words.slice(0, end);
  const [comm, ...rest] = words.slice(end);
  const driven = comm === '-' || comm === 'stdio' ? { driven: true } : {};
  const late = rest[0] === '--attach'; // where it used to stand
  if (options.includes('--attach') || late) {
    const [text, ...more] = late ? rest.slice(1) : rest;
    const pid = text === undefined ? undefined : readPidAnyBase(text);
    return more.length > 0 ? OTHER : attachTo(pid, 'once', driven);
  }
  return rest.length > 0 ? { kind: 'launch', ...driven } : OTHER;
}

/** Where COMM stands, behind the options; undefined where gdbserver ends before it gets there. */
function findComm(words: readonly string[]): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '-' || !word.startsWith('-')) return at;
    if (word === '--wrapper') {
      const dashes = words.indexOf('--', at);
      if (dashes <= at + 1) return undefined;
      at = dashes;
    } else if (!OPTION.test(word)) return undefined;
  }
  return undefined;
}

const OPTION = new RegExp(
  `^--(${[
    ...['attach', 'multi', 'once', 'debug(=.*)?', 'debug-format=.*', 'debug-file=.*', 'remote-debug'],
    ...['event-loop-debug', 'disable-packet=.*', 'startup-with-shell', 'no-startup-with-shell'],
    ...['disable-randomization', 'no-disable-randomization', 'no-escape-args', 'selftest(=.*)?'],
  ].join('|')})$`,
  's',
);
