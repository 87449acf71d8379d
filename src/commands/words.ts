import { accessSync, constants, existsSync, statSync } from 'node:fs';
import which from 'which';
import { Failure } from '../failure.ts';
import { readLatin1Words } from '../kernel/process.ts';
import { renderHostile } from '../terminal.ts';

/** The last words of our own command line as latin1: in process.argv whatever is not UTF-8 is lost. */
export function readLastWords(count: number): string[] {
  if (count === 0) return [];
  return readLatin1Words(process.pid).slice(-count);
}

/** As text that is safe for a terminal. */
export function renderWords(words: readonly string[], width?: number): string {
  return renderHostile(Buffer.from(words.join(' '), 'latin1').toString('utf8'), width);
}

/** Fails as a shell does when there is no such program, 127, or it cannot be executed, 126. */
export function checkProgram(word: string): void {
  const path = Buffer.from(word, 'latin1');
  const shown = renderWords([word]);
  if (!word.includes('/')) {
    const text = path.toString('utf8');
    if (word === '' || which.sync(text, { nothrow: true }) === null) {
      throw new Failure(`${shown || "''"}: command not found`, { status: 127 });
    }
    return;
  }
  if (!existsSync(path)) throw new Failure(`${shown}: no such file or directory`, { status: 127 });
  if (statSync(path).isDirectory()) throw new Failure(`${shown}: is a directory`, { status: 126 });
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Failure(`${shown}: permission denied`, { status: 126 });
  }
}
