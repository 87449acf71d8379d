/** Bundled in place of `node:fs/promises`: `which` asks for it, for what we do not call, and loading it takes long. */
export function stat(): never {
  throw new Error('the bundle looks for programs by which.sync alone');
}
