import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { isForeground } from '../kernel/stat.ts';

/** The terminal's modes now, to be set again: an agent that is killed at its prompt leaves the echo off. */
export function rememberTerminal(): () => void {
  const stty = (words: string[]) => {
    let terminal: number | undefined;
    try {
      terminal = openSync('/dev/tty', 'r+');
      return execFileSync('/usr/bin/stty', words, {
        stdio: [terminal, 'pipe', 'ignore'],
        encoding: 'utf8',
      }).trim();
    } catch {
      return undefined; // there is no terminal
    } finally {
      if (terminal !== undefined) closeSync(terminal);
    }
  };
  const modes = isForeground() ? stty(['-g']) : undefined; // to set them from the background would stop us
  return () => {
    if (modes !== undefined) stty([modes]);
  };
}
