/**
 * Prints what the bundle holds that others wrote: one line `NAME VERSION (LICENSE)` for each package, then every
 * licence in full, as most of them ask; once for all packages that share its text. Takes esbuild's metafiles. Plain
 * JavaScript, as a distribution that builds from source has neither tsx nor TypeScript.
 */
import { readdirSync, readFileSync } from 'node:fs';

const files = process.argv
  .slice(2)
  .flatMap((file) => Object.keys(JSON.parse(readFileSync(file, 'utf8')).inputs));
const folders = new Set(files.flatMap((file) => /.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
const packages = [...folders].map(readPackage).sort((a, b) => compare(a.title, b.title));

console.log('ptrace-shim carries these packages in its bundle. Their licences follow.\n');
for (const { title } of packages) console.log(title);
for (const text of new Set(packages.map((each) => each.text))) {
  const titles = packages.filter((each) => each.text === text).map(({ title }) => title);
  console.log(`\n${'-'.repeat(78)}\n${titles.join('\n')}\n\n${text}`);
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!license || !file) throw new Error(`${name}: no licence to pass on`);
  return { title: `${name} ${version} (${license})`, text: readFileSync(`${folder}/${file}`, 'utf8').trim() };
}

function compare(a, b) {
  return a < b ? -1 : 1;
}
