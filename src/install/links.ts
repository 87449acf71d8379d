import { lstatSync, readlinkSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { listDirectory } from '../file-system.ts';
import { toolOf } from '../tools/tools.ts';
import { commandOf, realpathOf, shimOf } from './installation.ts';
import { isShim } from './search-path.ts';

/** What lies where a link of ours is or could be. */
export type Occupant =
  | { readonly kind: 'nothing' }
  /** A link that some copy of this program made; `broken` when it leads nowhere any more. */
  | { readonly kind: 'ours'; readonly target: string; readonly broken: boolean }
  /** Anything else, which is never touched. */
  | { readonly kind: 'foreign'; readonly real: string | undefined };

/**
 * The links of install are absolute and lead to a `shims/shim`, or as `ptrace-shim` to a `dist/main.js`. npm's own link
 * to the command is relative: that one is npm's.
 */
export function readOccupant(path: string): Occupant {
  if (!exists(path)) return { kind: 'nothing' };
  const real = realpathOf(path);
  const target = readTarget(path);
  if (target === undefined || !isAbsolute(target)) return { kind: 'foreign', real };
  const broken = real === undefined;
  const ours =
    basename(path) === 'ptrace-shim'
      ? target.endsWith('/dist/main.js')
      : broken
        ? target.endsWith('/shims/shim')
        : isShim(path);
  return ours ? { kind: 'ours', target, broken } : { kind: 'foreign', real };
}

/** A directory that cannot be searched, or is none, answers when we write to it. */
function exists(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

function readTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // not a link
  }
}

/** Where a link of that name is to lead in an installation. */
export function targetOf(name: string, home: string): string {
  return name === 'ptrace-shim' ? commandOf(home) : shimOf(home);
}

/** A link of ours in a directory: a tool's, or `ptrace-shim`. */
export interface Link {
  readonly path: string;
  readonly name: string;
  readonly target: string;
  readonly broken: boolean;
}

/** The links of ours in a directory, by name. */
export function findLinks(dir: string): Link[] {
  const names = listDirectory(dir).filter((name) => name === 'ptrace-shim' || toolOf(name) !== undefined);
  return names.sort().flatMap((name) => {
    const path = join(dir, name);
    const occupant = readOccupant(path);
    return occupant.kind === 'ours' ? [{ path, name, ...occupant }] : [];
  });
}
