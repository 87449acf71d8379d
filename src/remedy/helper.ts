import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files of libexec/: all that ever runs as root. */
export type Helper = 'ptrace-permit' | 'ptrace-scope-window' | 'ptrace-scope-set';

/** The text of a helper. */
export function readHelper(helper: Helper): string {
  return readFileSync(helperPath(helper), 'utf8');
}

/** A file that only root can change is run by its path, so that polkit knows it; else its text travels, never a path. */
export function helperCommand(helper: Helper): string[] {
  const path = realpathSync(helperPath(helper));
  if (isRootsAlone(path)) return [path];
  const text = readHelper(helper);
  return helper === 'ptrace-permit'
    ? ['/usr/bin/python3', '-IS', '-c', text, helper]
    : ['/bin/sh', '-c', 'eval "$0"', text];
}

/** Is it the file that the polkit policy of the packages names? */
export function hasOwnAction(helper: Helper): boolean {
  return realpathSync(helperPath(helper)) === `/usr/libexec/ptrace-shim/${helper}`;
}

/** Can root alone change this file, and every directory above it? `path` has no links in it. */
export function isRootsAlone(path: string): boolean {
  const { uid, mode } = lstatSync(path);
  return uid === 0 && (mode & 0o022) === 0 && (path === '/' || isRootsAlone(dirname(path)));
}

/** Beside dist/ when bundled, beside src/ when not. */
function helperPath(helper: Helper): string {
  const paths = ['../libexec', '../../libexec'].map((folder) =>
    fileURLToPath(new URL(`${folder}/${helper}`, import.meta.url)),
  );
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}
