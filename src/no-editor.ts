/** Bundled in place of `@inquirer/editor`: we ask no such question, and it brings tables of every character set. */
export default function editor(): never {
  throw new Error('the bundle has no editor prompt');
}
