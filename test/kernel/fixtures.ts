import { fileURLToPath } from 'node:url';

/** The root of a small /proc tree of test/fixtures/proc. */
export function procTree(name: string): string {
  return fileURLToPath(new URL(`../fixtures/proc/${name}`, import.meta.url));
}
