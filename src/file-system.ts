import { readdirSync, readlinkSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/**
 * Replaces a file in one step, so that a crash leaves the old or the new one; where a link leads, as some keep such files
 * elsewhere, and with the mode that it had. Throws what the file system answers.
 */
export function replaceFile(file: string, text: string): void {
  const kept = followLinks(file).at(-1)!;
  const next = `${kept}.${process.pid}`;
  const mode = statSync(kept, { throwIfNoEntry: false })?.mode;
  try {
    writeFileSync(next, text, mode === undefined ? {} : { mode });
    renameSync(next, kept);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
