import { statSync } from 'node:fs';
import { readText } from '../kernel/read.ts';

/**
 * What gdb may be about to attach to, the likeliest first, where nothing says it: the numbers in what was typed, the last
 * command first; then those of the command line; of a script that one names, right after it. Whether there is such a process, and
 * whether gdb is kept from it, is to be asked of the kernel.
 *
 * @param typed what "show commands" prints: a number and a command a line
 * @param words gdb's arguments as latin1
 */
export function findAttachees(typed: string, words: readonly string[]): number[] {
  const commands = typed
    .split('\n')
    .map((line) => line.replace(/^\s*\d+ {2}/, ''))
    .reverse();
  const texts = [...commands, ...words].flatMap((text) => [text, readScript(scriptOf(text))]);
  const found = texts.flatMap((text) => [...text.matchAll(NUMBER)].map(([number]) => Number(number)));
  return [...new Set(found)].slice(0, MOST);
}

/** As attach reads one (strtoul, base 0), but for octal. */
const NUMBER = /(?<![\w.])(?:0x[\da-f]{1,7}|[1-9]\d{0,6})(?![\w.])/gi;

const MOST = 100;

/** The file that a command names, or a word of the command line. */
function scriptOf(text: string): string {
  return /^\s*source\s+(.*\S)/.exec(text)?.[1] ?? text;
}

/** Nothing where there is no file, or one that is no script of gdb's: a program, a core, a pipe that would keep us waiting. */
function readScript(name: string): string {
  try {
    const found = statSync(name);
    const text = found.isFile() && found.size < 100_000 ? (readText(name) ?? '') : '';
    return text.includes('\0') ? '' : text;
  } catch {
    return '';
  }
}
