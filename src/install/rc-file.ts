import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { xdgConfig } from 'xdg-basedir';
import { quote } from '../handover/plan.ts';
import { renderPath } from './places.ts';

/** The line that puts a directory first in PATH, and the file that a new shell reads it from. */
export interface RcLine {
  readonly file: string;
  readonly line: string;
}

/** For a shell by its path; one we do not know is taken for a Bourne shell. */
export function findRcLine(shell: string, dir: string): RcLine {
  const home = homedir();
  const name = basename(shell);
  if (name === 'fish')
    return { file: fishFile(), line: `fish_add_path --path --move ${spell(dir, quoteForFish)}` };
  const line = `export PATH=${spell(dir, quote, ':$PATH')}`;
  if (name === 'zsh') return { file: join(process.env.ZDOTDIR || home, '.zshrc'), line };
  return { file: name === 'bash' ? bashFile(home) : join(home, '.profile'), line };
}

/** What to type to have the line in the file. */
export function renderAppend({ file, line }: RcLine): string {
  const literal = file.endsWith('.fish') ? quoteForFish : quote;
  const word = (path: string) => (/^~?[\w./-]+$/.test(renderPath(path)) ? renderPath(path) : literal(path));
  const make = existsSync(dirname(file)) ? '' : `mkdir -p ${word(dirname(file))} && `;
  return `${make}echo ${literal(line)} >>${word(file)}`;
}

/** Between its single quotes fish knows two escapes, where sh knows none. */
function quoteForFish(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/**
 * Terminals start bash with or without `--login`. ~/.bashrc serves both, as distributions set up accounts; where no
 * login file reads it, a login file must have the line, and what it starts inherits PATH (bash(1), INVOCATION).
 */
function bashFile(home: string): string {
  const login = ['.bash_profile', '.bash_login', '.profile']
    .map((file) => join(home, file))
    .find((file) => existsSync(file));
  if (login === undefined) return join(home, '.bash_profile');
  return read(login).includes('bashrc') ? join(home, '.bashrc') : login;
}

function fishFile(): string {
  return join(xdgConfig ?? join(homedir(), '.config'), 'fish/config.fish');
}

/** The path as one word of the shell, with `more` behind it. A path below the home begins with $HOME: homes move. */
function spell(dir: string, literal: (text: string) => string, more = ''): string {
  const home = homedir();
  const rest = dir.startsWith(`${home}/`) ? dir.slice(home.length) : undefined;
  if (rest && /^[\w./-]+$/.test(rest)) return `"$HOME${rest}${more}"`;
  return more ? `${literal(dir)}"${more}"` : literal(dir);
}

/** The lines of a person's rc files that name a directory of ours, as `file:number`. */
export function findMentions(): string[] {
  const files = ['.bashrc', '.bash_profile', '.bash_login', '.profile', '.zshrc', '.zprofile', '.zshenv'];
  const zsh = process.env.ZDOTDIR ? [join(process.env.ZDOTDIR, '.zshrc')] : [];
  return [...files.map((file) => join(homedir(), file)), ...zsh, fishFile()].flatMap((file) => {
    const lines = read(file).split('\n');
    return lines.flatMap((line, index) => (PUTS_US_IN_PATH.test(line) ? [`${file}:${index + 1}`] : []));
  });
}

const PUTS_US_IN_PATH = /^[^#]*(PATH|path).*ptrace-shim/;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
