import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followLinks } from '../file-system.ts';

/**
 * The directory of this installation, which holds shims/, dist/ and libexec/; by the path that it was run by where that
 * leads here. A package manager that keeps each version in a directory of its own has a name that outlives the version,
 * and links had better lead to that one. But fnm names its directory anew for each shell.
 */
export function findInstallation(typed = process.argv[1]): string {
  const own = realpathSync(
    ['..', '../..']
      .map((up) => fileURLToPath(new URL(up, import.meta.url)))
      .find((home) => existsSync(shimOf(home)))!,
  );
  const homes = typed === undefined ? [] : followLinks(resolve(typed)).map((file) => dirname(dirname(file)));
  const isLasting = (home: string) => !home.includes('/fnm_multishells/');
  return homes.find((home) => isLasting(home) && realpathOf(home) === own && existsSync(shimOf(home))) ?? own;
}

/** The version of Node that npm has installed this for alone: nvm, fnm, mise and asdf have a directory for each. */
export function findOwnNode(home: string): string | undefined {
  const [, version] =
    /\/node(?:js|-versions)?\/v?(\d+\.\d+\.\d+)\/(?:installation\/)?lib\/node_modules\//.exec(home) ?? [];
  return version;
}

/** The one file that every link named like a tool leads to. */
export function shimOf(home: string): string {
  return join(home, 'shims/shim');
}

/** The command of an installation. */
export function commandOf(home: string): string {
  return join(home, 'dist/main.js');
}

/** Our own command as root: sudo has a search path of its own, in which neither we nor Node need be. */
export function sudoCommand(words: string): string {
  const inSudosPath = ['/usr/local/bin', '/usr/bin'].some((dir) => existsSync(join(dir, 'ptrace-shim')));
  const command = inSudosPath ? 'ptrace-shim' : `${process.execPath} ${commandOf(findInstallation())}`;
  return `sudo ${command} ${words}`;
}

/** npx, pnpm dlx and their like run a package from a cache that they empty as they please. */
export function isFleeting(home: string): boolean {
  return /\/(_npx|dlx-[^/]*|bunx-[^/]*)\//.test(realpathOf(home) ?? home);
}

/** Undefined where it leads nowhere. */
export function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
