import { readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The names in a directory; none when it cannot be read. */
export function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A directory that is gone, or in which somebody keeps something, stays as it is. */
export function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {}
}

/** Where a path leads, link by link: itself first, at the end a file, or what is not there. */
export function followLinks(path: string): string[] {
  const paths = [path];
  // The kernel gives up after 40 as well.
  while (paths.length < 40) {
    const last = paths.at(-1)!;
    try {
      paths.push(resolve(dirname(last), readlinkSync(last)));
    } catch {
      break;
    }
  }
  return paths;
}
