import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files of libexec/: all that ever runs as root. */
export type Helper = 'ptrace-permit' | 'ptrace-scope-window' | 'ptrace-scope-set';

/** The text of a helper. */
export function readHelper(helper: Helper): string {
  return readFileSync(helperPath(helper), 'utf8');
}

/** How a helper is run as root. */
export interface HelperCommand {
  /** The program and its first arguments; the helper's own follow. */
  readonly words: readonly string[];
  /** What it must find on its stdin before all else. */
  readonly stdin: string;
}

/**
 * A file that only root can change is run by its path, so that polkit knows it. Else its text travels on stdin, and its
 * digest on the command line: the password is given for that very text, the dialogue and the journal show a line of it, and
 * no path of the person's is opened.
 */
export function helperCommand(helper: Helper, path = realpathSync(helperPath(helper))): HelperCommand {
  if (isRootsAlone(path)) return { words: [path], stdin: '' };
  const stdin = readFileSync(path, 'utf8').trimEnd(); // as $(...) has it
  const digest = createHash('sha256').update(stdin).digest('hex');
  const execute =
    helper === 'ptrace-permit' ? '/usr/bin/python3 -IS -c "$text" "$0"' : `/bin/sh -c 'eval "$0"' "$text"`;
  const script = `PATH=/usr/bin:/bin; text=$(head -c "$2") && [ "$(printf %s "$text" | sha256sum)" = "$1  -" ] && shift 2 && exec ${execute} "$@"`;
  return { words: ['/bin/sh', '-c', script, helper, digest, String(Buffer.byteLength(stdin))], stdin };
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
