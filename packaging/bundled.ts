import { readFileSync } from 'node:fs';

/** A package that the bundle holds. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
}

/** What dist/LICENSES lists before the licences themselves; see licenses.mjs. */
export function readBundled(): Bundled[] {
  const [list] = readFileSync(new URL('../dist/LICENSES', import.meta.url), 'utf8').split(/^---/m);
  return [...list!.matchAll(/^(\S+) (\d\S*) \((.*)\)$/gm)].map(([, name, version, license]) => ({
    name: name!,
    version: version!,
    license: license!,
  }));
}
