import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { realpathOf } from './installation.ts';
import { readOccupant, targetOf } from './links.ts';

/** One link: what is to be done about it. A conflict is somebody else's file, and stays. */
export interface Step {
  readonly do: 'link' | 'replace' | 'keep' | 'conflict';
  readonly path: string;
  readonly target: string;
}

/** What it takes to have links of these names in `dir` that lead to the installation `home`. Touches nothing. */
export function planInstall(names: readonly string[], dir: string, home: string): Step[] {
  return names.map((name) => {
    const path = join(dir, name);
    const target = targetOf(name, home);
    return { do: decide(path, target), path, target };
  });
}

function decide(path: string, target: string): Step['do'] {
  const occupant = readOccupant(path);
  if (occupant.kind === 'nothing') return 'link';
  if (occupant.kind === 'ours') return occupant.target === target ? 'keep' : 'replace';
  // A checkout's own shims/ leads to the shim by links of its own.
  return occupant.real !== undefined && occupant.real === realpathOf(target) ? 'keep' : 'conflict';
}

/** Makes the links of a plan. Throws what the file system answers. */
export function applyInstall(steps: readonly Step[], dir: string): void {
  mkdirSync(dir, { recursive: true });
  for (const { do: what, path, target } of steps) {
    // Fails where something has come in between, instead of replacing it.
    if (what === 'link') symlinkSync(target, path);
    if (what === 'replace') replaceLink(target, path);
  }
}

/** In one step: at no moment is there no link. */
function replaceLink(target: string, path: string): void {
  const next = `${path}.${process.pid}`;
  symlinkSync(target, next);
  try {
    renameSync(next, path);
  } catch (error) {
    rmSync(next);
    throw error;
  }
}
