/** Bundled with commander in place of `node:child_process`: our commands are no programs of their own, and loading it takes long. */
export function spawn(): never {
  throw new Error('the bundle starts no program for a command');
}
