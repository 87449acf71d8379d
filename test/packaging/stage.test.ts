import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { TOOL_NAMES, USUAL_TOOLS } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';

const ROOT = resolve(import.meta.dirname, '../..');

async function stage(): Promise<string> {
  const destination = await mkdtemp(join(tmpdir(), 'ptrace-shim-staged-'));
  onTestFinished(() => rm(destination, { recursive: true }));
  await execa('sh', [join(ROOT, 'packaging/stage.sh'), destination]);
  return destination;
}

test('a package holds every part of the bundle', async () => {
  const parts = await readdir(join(await stage(), 'usr/lib/node_modules/ptrace-shim/dist'));
  const built = await readdir(join(ROOT, 'dist'));
  expect(parts.sort()).toEqual(built.filter((name) => name !== 'LICENSES').sort());
});

test('a package links the usual tools, and has a completion under the name of each command', async () => {
  const destination = await stage();
  const shims = await readdir(join(destination, 'usr/libexec/ptrace-shim/shims'));
  expect(shims.sort()).toEqual(['ptrace-shim-preflight.js', ...USUAL_TOOLS].sort());

  const commands = (shell: 'bash' | 'fish') => [
    ...['ptrace-shim', 'eu-stack', 'vgdb'],
    ...TOOL_NAMES.filter((name) => tools[name].pids && !tools[name].pids.known?.includes(shell)),
  ];
  const bash = join(destination, 'usr/share/bash-completion/completions');
  expect((await readdir(bash)).sort()).toEqual(commands('bash').sort());
  const fish = join(destination, 'usr/share/fish/vendor_completions.d');
  expect((await readdir(fish)).sort()).toEqual(
    commands('fish')
      .map((command) => `${command}.fish`)
      .sort(),
  );
  for (const command of commands('bash')) expect(existsSync(join(bash, command))).toBe(true);
});
