import { access, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { machine } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import which from 'which';
import type { Root } from './root.ts';

/** The repository's root on the host; the guest sees it as {@link CHECKOUT}. */
export const HOST_CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Where the programs of administrators are found, too. */
export const WITH_SBIN = `${process.env.PATH}:/usr/sbin:/sbin`;

/** What the guest needs before it can see its root; the rest is in there. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtio-rng', '9pnet_virtio', '9p', 'overlay'];
const FOR_AN_IMAGE = ['virtio_blk', 'ext4'];

/** A kernel image, and the files of the modules in the order of loading. */
interface Kernel {
  image: string;
  modules: string[];
}

/** Writes the guest's initrd into the folder. Returns its path and that of the kernel it is for. */
export async function buildInitrd(source: Root, folder: string): Promise<{ kernel: string; initrd: string }> {
  const kernel = await newestKernel(source);
  const image = unpackKernel(kernel.image, join(folder, 'vmlinux'));
  const root = join(folder, 'initrd');
  await mkdir(join(root, 'bin'), { recursive: true });
  await mkdir(join(root, 'modules'));
  const foreign = source.machine !== machine();
  const busybox = foreign
    ? join(source.folder, 'usr/bin/busybox')
    : await which('busybox', { path: WITH_SBIN });
  await copyFile(busybox, join(root, 'bin/busybox'));
  await copyFile(new URL('guest/initrd-init.sh', import.meta.url), join(root, 'init'));
  await execa('chmod', ['755', join(root, 'init'), join(root, 'bin/busybox')]);
  await writeFile(join(root, 'kind'), source.image === undefined ? 'folder' : 'image');
  await writeFile(join(root, 'node'), source.node);
  for (const [index, module] of kernel.modules.entries()) {
    const name = `${String(index).padStart(2, '0')}-${basename(module).replace(/\.ko.*/, '.ko')}`;
    // Some distributions compress modules, and the guest's insmod may not know how.
    const file = join(root, 'modules', name);
    if (!(await unpack(await readFile(module), file))) await copyFile(module, file);
    // A signature and types (BTF) are checked when a module is loaded, which takes an emulated machine a while.
    await execa(foreign ? `${source.machine}-linux-gnu-strip` : 'strip', [
      '--strip-debug',
      '--remove-section=.BTF',
      file,
    ]);
  }
  const initrd = join(folder, 'initrd.cpio');
  await execa('sh', ['-c', 'find . | cpio --quiet -o -H newc -R 0:0 >"$1"', 'sh', initrd], { cwd: root });
  return { kernel: await image, initrd };
}

/**
 * The kernel without its wrapping, which an emulated processor takes some seconds to take off; QEMU starts either. As it
 * is where the wrapping is none that we know. Source: Documentation/arch/x86/boot.rst, payload_offset.
 */
async function unpackKernel(image: string, to: string): Promise<string> {
  const bytes = await readFile(image);
  const start = ((bytes[0x1f1] || 4) + 1) * 512 + bytes.readUInt32LE(0x248);
  const payload = bytes.subarray(start, start + bytes.readUInt32LE(0x24c));
  // The size unpacked comes last, which gzip has of itself.
  const packed = findUnpacker(payload) === 'gzip' ? payload : payload.subarray(0, -4);
  return (await unpack(packed, to).catch(() => false)) ? to : image;
}

/** The newest installed kernel that has the modules: Debian's cloud flavour has no 9p. */
async function newestKernel({ folder, image }: Root): Promise<Kernel> {
  const releases = await readdir(join(folder, 'lib/modules'));
  const wanted = image === undefined ? MODULES : [...MODULES, ...FOR_AN_IMAGE];
  releases.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const release of releases) {
    const image = await firstReadable(
      join(folder, `boot/vmlinuz-${release}`),
      join(folder, `lib/modules/${release}/vmlinuz`),
    );
    const modules = await modulesOf(folder, release, wanted);
    if (image && modules) return { image, modules };
  }
  throw new Error(
    'no kernel in /boot that is readable and has 9p and overlay as modules; see test/requirements.sh',
  );
}

async function firstReadable(...paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
}

/** Returns undefined when the kernel lacks one. One that is built in needs no file. */
async function modulesOf(
  folder: string,
  release: string,
  wanted: readonly string[],
): Promise<string[] | undefined> {
  const files = new Set<string>();
  for (const module of wanted) {
    const options = ['-d', folder, '-S', release, '--show-depends'];
    const { failed, stdout } = await execa('modprobe', [...options, module], {
      env: { PATH: WITH_SBIN },
      reject: false,
    });
    if (failed) return undefined;
    for (const [, file] of stdout.matchAll(/^insmod (\S+)/gm)) files.add(file!);
  }
  return [...files];
}

/** Writes what is packed in the bytes. False where they are packed in no way that we know. */
async function unpack(bytes: Buffer, to: string): Promise<boolean> {
  const unpacker = findUnpacker(bytes);
  if (unpacker === undefined) return false;
  await execa(unpacker, ['-dc'], { input: bytes, stdout: { file: to } });
  return true;
}

function findUnpacker(bytes: Buffer): string | undefined {
  return UNPACKERS.find(({ magic }) => bytes.toString('latin1', 0, magic.length) === magic)?.name;
}

const UNPACKERS = [
  { name: 'xz', magic: '\xfd7zXZ' },
  { name: 'zstd', magic: '\x28\xb5\x2f\xfd' },
  { name: 'gzip', magic: '\x1f\x8b' },
];
