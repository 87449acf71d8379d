import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readBundled } from '../bundled.ts';

const SPEC = new URL('ptrace-shim.spec', import.meta.url);

/** The spec as it is. */
export function readSpec(): string {
  return readFileSync(SPEC, 'utf8');
}

/** The spec as it has to be: with the version, the licences and the bundled libraries of what was built last. */
export function renderSpec(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version, license } = JSON.parse(manifest);
  const bundled = readBundled();
  const licenses = new Set([license, ...bundled.map((each) => parenthesize(each.license))]);
  const provides = bundled.map((each) => `Provides:       bundled(nodejs-${each.name}) = ${each.version}\n`);
  return readSpec()
    .replace(/^(Version: +).*/m, `$1${version}`)
    .replace(/^(License: +).*/m, `$1${[...licenses].sort().join(' AND ')}`)
    .replace(/^(# bundled: begin\n)[\s\S]*(?=^# bundled: end)/m, `$1${provides.join('')}`);
}

function parenthesize(license: string): string {
  return license.includes(' OR ') ? `(${license})` : license;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SPEC, renderSpec());
