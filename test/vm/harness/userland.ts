import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { xdgCache } from 'xdg-basedir';
import { HOST_CHECKOUT, WITH_SBIN } from './initrd.ts';
import type { Root } from './root.ts';

/** The Debian suites that were seen to work: testing, the release before it, and testing for another kind of processor. */
export const SUITES = ['forky', 'trixie', 'forky-arm64'] as const;

type Suite = (typeof SUITES)[number];

/** The root file system of a Debian suite that {@link buildUserland} has built. Throws when it has not. */
export function findUserland(suite: string): Root {
  const folder = folderOf(suite);
  if (!existsSync(folder))
    throw new Error(`there is no userland ${suite}: npm run test:userland -- ${suite}`);
  if (suite === ARM64) return { machine: 'aarch64', folder, node: '/usr' };
  return { machine: 'x86_64', folder, image: join(folder, IMAGE), node: '/usr' };
}

/**
 * Builds the root file system of a Debian suite from packages into the person's cache, unless it is there already: a
 * machine to begin with, what test/requirements.sh finds lacking, bash as /bin/sh as Fedora has it, and the labels of
 * SELinux's stock policy. It takes some minutes and shows its progress; it wants root.
 */
export async function buildUserland(suite: Suite): Promise<void> {
  const folder = folderOf(suite);
  if (existsSync(folder)) return;
  if (process.getuid!() !== 0) throw new Error('to build a userland takes root');
  const release = await lockCache();
  try {
    console.error(`building Debian's ${suite} from packages, for some minutes:\n  ${folder}`);
    await (suite === ARM64 ? extractArm64(folder) : build(suite, folder));
  } finally {
    release();
  }
}

async function build(suite: Suite, folder: string): Promise<void> {
  await execa('sh', [REQUIREMENTS, '--userland'], { stdio: 'inherit' });
  await discard(suite);
  const root = `${folder}.root`;
  await mkdir(root, { recursive: true });
  await execa('mmdebstrap', [...OPTIONS, suite, root], { cwd: HOST_CHECKOUT, stdio: 'inherit' });
  await symlink('bash', join(root, 'bin/sh.new'));
  await rename(join(root, 'bin/sh.new'), join(root, 'bin/sh'));
  await copyFile(POLICY, join(root, 'root/selinux.cil'));
  await execa('chroot', [root, 'semodule', '-X', '300', '-i', '/root/selinux.cil']);
  await execa('chroot', [root, 'setfiles', '-F', CONTEXTS, '/']);
  await writeImage(root, `${folder}.new`);
  await rm(root, { recursive: true });
  await rename(`${folder}.new`, folder);
}

/**
 * What the tests of the permission need, for arm64: packages that are unpacked, and configured as far as we do it below, as
 * no program of theirs can be run here.
 */
async function extractArm64(folder: string): Promise<void> {
  await execa('sh', [REQUIREMENTS, '--arm64'], { stdio: 'inherit' });
  await discard(ARM64);
  const root = `${folder}.new`;
  await execa('mmdebstrap', [...EXTRACT, 'forky', root], { stdio: 'inherit' });
  await symlink('mawk', join(root, 'usr/bin/awk'));
  const [release] = await readdir(join(root, 'usr/lib/modules'));
  await execa('depmod', ['-b', root, release!], { env: { PATH: WITH_SBIN } });
  for (const name of ['passwd', 'group']) {
    await copyFile(join(root, `usr/share/base-passwd/${name}.master`), join(root, `etc/${name}`));
  }
  await rename(root, folder);
}

const ARM64 = 'forky-arm64';

const FOR_PERMISSIONS = `
  base-files base-passwd libc-bin ncurses-base bash dash coreutils findutils grep sed mawk util-linux mount procps iproute2
  linux-image-arm64 busybox-static systemd systemd-sysv dbus libcap2-bin polkitd pkexec sudo
  nodejs python3 tmux strace gdb elfutils valgrind`;

const EXTRACT = [
  ...['--variant=extract', '--architectures=arm64', '--aptopt=Acquire::Check-Valid-Until "false"'],
  `--include=${FOR_PERMISSIONS.trim().split(/\s+/)}`,
];

/** What a machine has before anybody thinks of debuggers. */
const MACHINE = [
  'systemd',
  'systemd-sysv',
  'libpam-systemd',
  'dbus',
  'nodejs',
  'linux-image-amd64',
  'util-linux',
  'iproute2',
  'selinux-policy-default',
  'policycoreutils',
];

const REQUIREMENTS = join(HOST_CHECKOUT, 'test/requirements.sh');
const POLICY = join(import.meta.dirname, 'guest/selinux.cil');

const OPTIONS = [
  '--variant=minbase',
  '--mode=root',
  `--include=${MACHINE.join(',')}`,
  '--dpkgopt=force-unsafe-io',
  // A mirror may have copied the suite some time ago.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  '--customize-hook=copy-in test/requirements.sh /root',
  '--customize-hook=chroot "$1" sh /root/requirements.sh --machine',
];

const CONTEXTS = '/etc/selinux/default/contexts/files/file_contexts';
const IMAGE = 'root.img';

/** Writes the image, and beside it the kernel and its modules, which the host reads. */
async function writeImage(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await execa('du', ['-sm', root]);
  const size = `${Math.round(parseInt(stdout, 10) * 1.1) + 200}M`;
  await execa('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', root, join(folder, IMAGE), size]);
  await mkdir(join(folder, 'lib'));
  await rename(join(root, 'boot'), join(folder, 'boot'));
  await rename(join(root, 'usr/lib/modules'), join(folder, 'lib/modules'));
}

/** Named for all that goes into it, so that a change of that builds it anew. */
function folderOf(suite: string): string {
  const recipe =
    suite === ARM64
      ? [EXTRACT.join(' ')]
      : [readFileSync(REQUIREMENTS), readFileSync(POLICY), OPTIONS.join(' ')];
  const hash = recipe.reduce((so, part) => so.update(part), createHash('sha256')).digest('hex');
  return join(CACHE, `${suite}-${hash.slice(0, 12)}`);
}

const CACHE = join(xdgCache!, 'ptrace-shim', 'userland');

/** Two that build at a time would remove each other's. The lock goes with the answer, or with us. */
async function lockCache(): Promise<() => void> {
  await mkdir(CACHE, { recursive: true });
  const holder = execa('flock', ['-n', CACHE, 'sh', '-c', 'echo held; cat'], { stdin: 'pipe' });
  const held = await holder
    .iterable()
    .next()
    .catch(() => undefined);
  if (!held?.value)
    throw new Error(`somebody else builds a userland in ${CACHE}: try again when that is done`);
  return () => holder.stdin.end();
}

/** Removes what an earlier list of packages has left of the suite. */
async function discard(suite: Suite): Promise<void> {
  for (const name of await readdir(CACHE)) {
    if (new RegExp(`^${suite}-[0-9a-f]{12}`).test(name)) await rm(join(CACHE, name), { recursive: true });
  }
}
