import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeIfEmpty } from '../file-system.ts';
import { settingsFile } from '../settings.ts';
import { findGdbHook, type GdbHook, isInstalled, removeLine } from './gdb-hook.ts';
import { findLinks } from './links.ts';
import { dataDirectory, ownDirectory, SYSTEM_DIRECTORY, userDirectory } from './places.ts';
import { readRecord, removeFromRecord } from './record.ts';

/** Whose links go: a person's, wherever they were put; those of all users; those of one directory. */
export type Scope =
  | { readonly kind: 'user' }
  | { readonly kind: 'system' }
  | { readonly kind: 'dir'; readonly dir: string };

export interface Removal {
  /** Links, the script for gdb, and the settings. */
  readonly files: readonly string[];
  /** Where install put links, to be forgotten. */
  readonly directories: readonly string[];
  /** Whose line is in the person's gdbinit. */
  readonly gdb?: GdbHook;
}

/** What is to go. Touches nothing. */
export function planUninstall(scope: Scope): Removal {
  const directories = findDirectories(scope);
  const links = directories.flatMap(findLinks).map(({ path }) => path);
  if (scope.kind !== 'user') return { files: links, directories };
  const gdb = findGdbHook();
  const files = [gdb.script, settingsFile()].filter((file) => existsSync(file));
  return { files: [...links, ...files], directories, ...(isInstalled(gdb) ? { gdb } : {}) };
}

function findDirectories(scope: Scope): string[] {
  if (scope.kind === 'system') return [SYSTEM_DIRECTORY];
  if (scope.kind === 'dir') return [scope.dir];
  return [...new Set([userDirectory(), ownDirectory(), ...readRecord().directories])];
}

/** Removes the files, and the directories that are ours or were not there before install. */
export function applyUninstall({ files, directories, gdb }: Removal, { kind }: Scope): void {
  if (gdb) removeLine(gdb);
  for (const file of files) rmSync(file);
  if (kind === 'system') return;
  removeIfEmpty(ownDirectory());
  if (kind === 'user') removeIfEmpty(dirname(settingsFile()));
  removeFromRecord(directories);
  removeIfEmpty(dataDirectory());
}
