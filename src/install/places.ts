import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { xdgData } from 'xdg-basedir';
import { findInPath } from './search-path.ts';

/** Where administrators put what all users run. */
export const SYSTEM_DIRECTORY = '/usr/local/bin';

/** The place of the XDG base directory specification for a person's own programs; it has no variable. */
export function userDirectory(): string {
  return join(homedir(), '.local/bin');
}

/** Our part of `$XDG_DATA_HOME`. */
export function dataDirectory(): string {
  return join(xdgData ?? join(homedir(), '.local/share'), 'ptrace-shim');
}

/** A directory of our own for the links, where `~/.local/bin` will not do. */
export function ownDirectory(): string {
  return join(dataDirectory(), 'bin');
}

/** The directory for a person's links: `~/.local/bin` when PATH has it before the real tools, else our own. */
export function chooseDirectory(names: readonly string[], path = process.env.PATH ?? ''): string {
  // Once our own is in PATH, running install again must not change its mind.
  return [ownDirectory(), userDirectory()].find((dir) => isAhead(dir, names, path)) ?? ownDirectory();
}

/**
 * Does `path` have this directory before the real tools? A tool that is not installed is taken to come to /usr/bin. A
 * directory that does not exist yet counts as well: Fedora's ~/.bashrc adds ~/.local/bin in any case.
 */
export function isAhead(dir: string, names: readonly string[], path: string): boolean {
  const entries = path.split(':').map(canonical);
  const at = entries.indexOf(canonical(dir));
  if (at === -1) return false;
  return names.every((name) => {
    const real = findInPath(name, path).find(({ shim }) => !shim)?.path ?? `/usr/bin/${name}`;
    const behind = entries.indexOf(canonical(dirname(real)));
    return behind === -1 || at < behind;
  });
}

/** A path without links, as far as it exists: /home is a link on some systems. */
export function canonical(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(canonical(parent), basename(path));
}

/** For a person to read: `~` for the home. */
export function renderPath(path: string): string {
  const home = homedir();
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
