import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
let first: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-packages-'));
  first = await make('first', { cwd: ROOT, env: { TZ: 'UTC', LC_ALL: 'C' } });
});
afterAll(() => rm(folder, { recursive: true }));

async function make(name: string, options: Options): Promise<string> {
  const destination = join(folder, name);
  await mkdir(destination);
  await run(
    `sh packaging/fedora/build.sh "$1"
    sh packaging/debian/build.sh "$1"
    npm pack --silent --ignore-scripts --pack-destination "$1"`,
    destination,
    options,
  );
  return destination;
}

/** Runs a script with esbuild in PATH, whatever checkout it is in. */
async function run(script: string, argument: string, options: Options): Promise<void> {
  await execa('sh', ['-euc', script, 'sh', argument], { preferLocal: true, localDir: ROOT, ...options });
}

/**
 * A checkout of this moment in another folder, with its libraries from the sources of the RPM, by somebody with the umask of
 * an ordinary user. npm packs the modes of the checkout: a file that its owner alone may read would stay one.
 */
async function makeCheckout(): Promise<string> {
  const checkout = join(folder, 'checkout');
  await mkdir(checkout);
  await run(
    `umask 002
    ls -A | grep -vx node_modules | xargs cp -rt "$1"
    tar -xzf ${first}/*-vendor.tar.gz -C "$1"
    cd "$1"
    sh src/build.sh`,
    checkout,
    { cwd: ROOT },
  );
  return checkout;
}

test('each package is made of the same bytes in another folder, time zone and second', async () => {
  const second = await make('second', {
    cwd: await makeCheckout(),
    env: { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8' },
  });
  const { stdout: files } = await execa('ls', { cwd: first });
  expect(files.replace(/\d+\.\d+\.\d+/g, 'VERSION')).toMatchInlineSnapshot(`
    "ptrace-shim-VERSION-1.noarch.rpm
    ptrace-shim-VERSION-1.src.rpm
    ptrace-shim-VERSION-vendor.tar.gz
    ptrace-shim-VERSION.tar.gz
    ptrace-shim-VERSION.tgz
    ptrace-shim_VERSION_all.deb"
  `);
  const digest = async (cwd: string) => (await execa('sha256sum', await readdir(first), { cwd })).stdout;
  expect(await digest(second)).toBe(await digest(first));
});

test('rpmlint finds nothing in the spec and in the packages made from it', async () => {
  const packages = (await readdir(first)).filter((file) => file.endsWith('.rpm'));
  const spec = 'packaging/fedora/ptrace-shim.spec';
  const words = ['-c', 'packaging/fedora/rpmlint.toml', spec, ...packages.map((file) => join(first, file))];
  const { stdout } = await execa('rpmlint', words, { cwd: ROOT });
  expect(stdout).toContain('2 packages and 1 specfiles checked; 0 errors, 0 warnings');
});

test('lintian finds nothing in the .deb', async () => {
  const name = (await readdir(first)).find((file) => file.endsWith('.deb'));
  const { stdout } = await execa('lintian', [join(first, name!)]);
  expect(stdout).toBe('');
});
