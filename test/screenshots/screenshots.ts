/** `npm run screenshots`: the README's film, from the real screens of the demo's walkthrough in the test VM. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Picture, type PictureName, playWalkthrough, startServer } from '../demo/walkthrough.ts';
import { boot } from '../vm/harness/boot.ts';
import { HOST_CHECKOUT } from '../vm/harness/initrd.ts';
import { PATH, Vm } from '../vm/harness/vm.ts';
import { renderFilm, THEMES } from './film.ts';

/** How long each picture stands: as long as it takes to read it, up to the one that the film ends with. */
const SECONDS: Partial<Record<PictureName, number>> = {
  question: 7,
  remember: 2.5,
  password: 3,
  attached: 2,
  backtrace: 1.5,
  restored: 5,
};

/** A key, as somebody types who is in no hurry. */
const SECONDS_PER_KEY = 0.08;

/** What the README says in its place. */
const TITLE = /<img alt="(.*?)"/.exec(readFileSync(join(HOST_CHECKOUT, 'README.md'), 'utf8'))![1]!;

const booted = await boot();
const vm = await Vm.connect(booted.socket);
try {
  await installPackage(vm);
  const pictures: Picture[] = [];
  const searchPath = `/usr/libexec/ptrace-shim/shims:${PATH}`;
  await playWalkthrough(vm, await startServer(vm), (picture) => pictures.push(picture), searchPath);
  const shown = pictures.slice(0, pictures.findIndex(({ name }) => name === 'restored') + 1);
  const frames = shown.map(({ name, screen }) => ({
    screen,
    seconds: (name && SECONDS[name]) ?? SECONDS_PER_KEY,
  }));
  const still = shown.findIndex(({ name }) => name === 'question');
  for (const [theme, colors] of Object.entries(THEMES)) {
    const path = `docs/attach-${theme}.svg`;
    writeFileSync(join(HOST_CHECKOUT, path), renderFilm(frames, still, TITLE, colors));
    console.log(`wrote ${path}`);
  }
} finally {
  vm.close();
  await booted.stop();
}

/** So that one's own password is enough. */
async function installPackage(vm: Vm): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ptrace-shim-package-'));
  await execa('sh', ['packaging/debian/build.sh', folder], { cwd: HOST_CHECKOUT });
  await vm.writeFile('/tmp/package.deb', readFileSync(join(folder, readdirSync(folder)[0]!)));
  rmSync(folder, { recursive: true });
  await vm.asRoot('dpkg --force-depends --force-unsafe-io --no-triggers -i /tmp/package.deb');
}
