import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { xdgConfig } from 'xdg-basedir';
import { replaceFile } from '../file-system.ts';
import { quote } from '../handover/plan.ts';
import { dataDirectory } from './places.ts';

/** Our script for gdb, with the place of the installation in it, and the line by which a person's gdb reads it. */
export interface GdbHook {
  readonly script: string;
  readonly init: string;
  readonly line: string;
}

/** gdb reads the first of these that there is (gdb 11 and later; before, the second alone). */
export function findGdbHook(): GdbHook {
  const files = [join(xdgConfig ?? join(homedir(), '.config'), 'gdb/gdbinit'), join(homedir(), '.gdbinit')];
  const script = join(dataDirectory(), 'attach.gdb');
  return { script, init: files.find((file) => existsSync(file)) ?? files[1]!, line: `source ${script}` };
}

/** The script for an installation. */
export function renderGdbHook(home: string): string {
  return readFileSync(join(home, 'dist/attach.gdb'), 'utf8').replaceAll('@HOME@', () => quote(home));
}

export function isInstalled({ init, line }: GdbHook): boolean {
  return readLines(init).includes(line);
}

/** Writes the script, and the line unless it is there. Throws what the file system answers. */
export function addGdbHook(hook: GdbHook, home: string): void {
  mkdirSync(dirname(hook.script), { recursive: true });
  replaceFile(hook.script, renderGdbHook(home));
  if (isInstalled(hook)) return;
  const lines = readLines(hook.init);
  if (lines.at(-1) === '') lines.pop();
  replaceFile(hook.init, [...lines, hook.line, ''].join('\n'));
}

/** Takes the line out again, and an init file in which there was nothing else away. */
export function removeLine({ init, line }: GdbHook): void {
  const rest = readLines(init).filter((each) => each !== line);
  if (rest.every((each) => each === '')) rmSync(init);
  else replaceFile(init, rest.join('\n'));
}

function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
}
