import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBundled } from '../../packaging/bundled.ts';
import { installTarball, packTarball } from './npm.ts';

let folder: string;
let tarball: string;
let prefix: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-npm-'));
  tarball = await packTarball(folder);
  prefix = await installTarball(tarball, folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function listTarball(): Promise<string[]> {
  const { stdout } = await execa('tar', ['-tvzf', tarball]);
  return stdout.split('\n').map((line) => line.replace(/^(\S+).* package\//, '$1 '));
}

test('holds the bundle, the files of sh, the documents, and nothing else', async () => {
  const files = (await listTarball()).map((line) => line.split(' ')[1]!);
  const rest = files.filter((file) => !/^dist\/chunk-\w+\.mjs$|^completions\/|^man\//.test(file));
  expect(rest.sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/LICENSES',
    'dist/allow.mjs',
    'dist/answer.js',
    'dist/arm-window.js',
    'dist/attach.gdb',
    'dist/attach.sh',
    'dist/commander.js',
    'dist/complete-pids.mjs',
    'dist/completion.mjs',
    'dist/config.mjs',
    'dist/doctor.mjs',
    'dist/dry-run.js',
    'dist/explain.mjs',
    'dist/gdb-attach.js',
    'dist/give-permission.js',
    'dist/install.mjs',
    'dist/main.js',
    'dist/package.json',
    'dist/preflight.js',
    'dist/remember.mjs',
    'dist/run.mjs',
    'dist/select.js',
    'dist/set.mjs',
    'dist/show.mjs',
    'dist/spinner.js',
    'dist/start-again.js',
    'dist/status.mjs',
    'dist/uninstall.mjs',
    'dist/why.mjs',
    'dist/with.mjs',
    'libexec/io.github.ptrace-shim.policy',
    'libexec/ptrace-permit',
    'libexec/ptrace-scope-set',
    'libexec/ptrace-scope-window',
    'package.json',
    'shims/shim',
  ]);
});

test('keeps the run bits of what is run by its path, and of nothing else', async () => {
  const executable = (await listTarball()).filter((line) => line.startsWith('-rwxr-xr-x'));
  expect(executable.map((line) => line.split(' ')[1]).sort()).toEqual([
    'dist/main.js',
    'libexec/ptrace-permit',
    'libexec/ptrace-scope-set',
    'libexec/ptrace-scope-window',
    'shims/shim',
  ]);
});

test('is a small download', async () => {
  const { stdout } = await execa('gzip', ['-l', tarball]);
  const [packed, unpacked] = stdout.split('\n')[1]!.trim().split(/\s+/).map(Number);
  expect(packed).toBeLessThan(300_000);
  expect(unpacked).toBeLessThan(1_100_000);
});

test('is installed without the network, and brings its command and every man page', async () => {
  const { stdout } = await execa(join(prefix, 'bin/ptrace-shim'), ['--version']);
  expect(stdout).toBe(JSON.parse(await readFile('package.json', 'utf8')).version);
  for (const page of await readdir('man')) {
    const section = page.split('.').pop();
    expect(await readdir(join(prefix, `share/man/man${section}`))).toContain(page);
  }
});

test('needs nothing that npm would have to fetch, build or run', async () => {
  const file = join(prefix, 'lib/node_modules/ptrace-shim/package.json');
  const { dependencies, optionalDependencies, peerDependencies, scripts } = JSON.parse(
    await readFile(file, 'utf8'),
  );
  expect({ dependencies, optionalDependencies, peerDependencies }).toEqual({});
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install$/)]));
  expect(await readdir(join(prefix, 'lib/node_modules'))).toEqual(['ptrace-shim']);
});

test('its shim, linked to from a folder in PATH, hands over to the real tool', async () => {
  const [shims, tools] = [join(folder, 'shims'), join(folder, 'tools')];
  await mkdir(shims);
  await mkdir(tools);
  await symlink(join(prefix, 'lib/node_modules/ptrace-shim/shims/shim'), join(shims, 'gdb'));
  await writeFile(join(tools, 'gdb'), '#!/bin/sh\necho "real gdb: $*"\n', { mode: 0o755 });
  const { stdout } = await execa('gdb', ['-q', 'core'], {
    env: { PATH: `${shims}:${tools}:${process.env.PATH}` },
  });
  expect(stdout).toBe('real gdb: -q core');
});

test('its preflight finds the rest of the bundle and answers with a plan', async () => {
  const preflight = join(prefix, 'lib/node_modules/ptrace-shim/dist/preflight.js');
  const { stdout } = await execa(process.execPath, [preflight, 'gdb', '/bin/true', '1', '--version'], {
    stdio: ['ignore', 'pipe', 'inherit', 'inherit'],
  });
  expect(stdout).toContain('#ptrace-shim-plan 1');
});

test('passes on the licence of every package in the bundle, at the version that was locked', async () => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const locked = Object.entries<{ version: string; license: string }>(packages).map(
    ([path, { version, license }]) => `${path.replace(/.*node_modules\//, '')} ${version} ${license}`,
  );
  const bundled = readBundled();
  for (const { name, version, license } of bundled) expect(locked).toContain(`${name} ${version} ${license}`);
  expect(bundled.map(({ name }) => name)).toEqual(expect.arrayContaining(['commander', 'execa', 'inquirer']));
  const licenses = await readFile(join(prefix, 'lib/node_modules/ptrace-shim/dist/LICENSES'), 'utf8');
  const [, ...texts] = licenses.split(/^-{78}\n/m);
  const titles = texts.flatMap((text) => text.slice(0, text.indexOf('\n\n')).split('\n'));
  expect(titles.sort()).toEqual(
    bundled.map((each) => `${each.name} ${each.version} (${each.license})`).sort(),
  );
});
