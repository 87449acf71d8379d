/** `npm run screenshots`: the README's pictures, from the real screens of the demo's walkthrough in the test VM. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { playWalkthrough, startServer } from '../demo/walkthrough.ts';
import { boot } from '../vm/harness/boot.ts';
import { Vm } from '../vm/harness/vm.ts';
import { renderSvg, THEMES } from './svg.ts';

/** The pictures that the README shows. */
const SHOWN = ['question', 'restored'];

const folder = new URL('../../docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
const booted = await boot();
const vm = await Vm.connect(booted.socket);
try {
  await playWalkthrough(vm, await startServer(vm), ({ name, caption, screen }) => {
    if (!SHOWN.includes(name)) return;
    for (const [theme, colors] of Object.entries(THEMES)) {
      const file = new URL(`${name}-${theme}.svg`, folder);
      writeFileSync(file, renderSvg(screen, caption, colors));
      console.log(`wrote docs/${name}-${theme}.svg`);
    }
  });
} finally {
  vm.close();
  await booted.stop();
}
