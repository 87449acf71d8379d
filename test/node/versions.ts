import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { HOST_CHECKOUT } from '../vm/harness/initrd.ts';

/** The oldest that package.json promises, and the newest of each line that is maintained. */
export const NODE_VERSIONS = ['20.17.0', '22.23.3', '24.21.0'] as const;

/**
 * The folder that holds a `node` of that version, which npm carries as a package. Fetched when first asked for and kept in
 * node_modules/.cache: as devDependencies they would cost everybody some 100 MB at each `npm ci`, on one kind of processor.
 */
export async function fetchNode(version: string): Promise<string> {
  const folder = join(HOST_CHECKOUT, 'node_modules/.cache/ptrace-shim', `node-${version}`);
  if (!existsSync(folder)) {
    await mkdir(dirname(folder), { recursive: true });
    const unpacked = await mkdtemp(`${folder}.`);
    const name = `node-linux-${process.arch}@${version}`;
    const { stdout } = await execa('npm', ['pack', name, '--json', '--prefer-offline'], { cwd: unpacked });
    const tarball = JSON.parse(stdout)[0].filename;
    await execa('tar', ['-xzf', tarball, '--strip-components=1', 'package/bin/node'], { cwd: unpacked });
    await rm(join(unpacked, tarball));
    await chmod(unpacked, 0o755);
    await rename(unpacked, folder);
  }
  return join(folder, 'bin');
}
