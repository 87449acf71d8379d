import { join } from 'node:path';
import { execa } from 'execa';

/** Packs what was built last, as `npm publish` would; other tests read dist/ meanwhile, so it is not built again. */
export async function packTarball(folder: string): Promise<string> {
  const { stdout } = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** Installs it below an empty prefix, with an empty cache and no network, and returns the prefix. */
export async function installTarball(tarball: string, folder: string): Promise<string> {
  const prefix = join(folder, 'prefix');
  const cache = join(folder, 'cache');
  await execa('npm', ['install', '--global', '--offline', '--prefix', prefix, '--cache', cache, tarball]);
  return prefix;
}
