import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file that comes with us, as `libexec/…`: beside dist/ when bundled, beside src/ when not. */
export function ownFile(path: string): string {
  const paths = ['..', '../..'].map((folder) => fileURLToPath(new URL(`${folder}/${path}`, import.meta.url)));
  return paths.find((candidate) => existsSync(candidate)) ?? paths[0]!;
}
