import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildInitrd, HOST_CHECKOUT } from './initrd.ts';
import { chosenRoot, type Machine, type Root } from './root.ts';
import { PATIENCE } from './running.ts';
import { Vm } from './vm.ts';

/** A VM that runs. */
export interface Booted {
  /** For {@link Vm.connect}, by one client at a time. */
  socket: string;
  /** The guest's second line, to attach a person's terminal to; see console.ts. */
  console: string;
  /** Switches it off. Nothing it did stays. */
  stop(): Promise<void>;
}

/** What machine is wanted. */
export interface BootOptions {
  /** What it runs; {@link chosenRoot} when not given. */
  root?: Root;
  /** Enforces the stock policy of SELinux. The root must be labelled, as a userland is that we have built. */
  selinux?: boolean;
}

/**
 * Boots a machine with a stock kernel, and so with Yama, on a root file system that it cannot change, with systemd as its
 * first process. It dies with the process that booted it.
 *
 * It is emulated: `/dev/kvm` may be there and still fail. Its processor is a plain one, as the finer instructions cost more
 * to emulate than they save. Its time is counted by its instructions (`-icount`), so that a busy host makes it slower
 * without making it late: what takes a second of the guest takes a second of the guest, however long we wait for it.
 */
export async function boot({ root = chosenRoot(), selinux = false }: BootOptions = {}): Promise<Booted> {
  await execa('sh', [join(HOST_CHECKOUT, 'test/fixtures/build.sh'), root.machine]);
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-vm-'));
  const { kernel, initrd } = await buildInitrd(root, folder);
  const socket = join(folder, 'agent');
  const console = join(folder, 'console');
  const log = join(folder, 'log');
  const qemu = execa(
    'setpriv',
    [
      ['--pdeathsig', 'KILL', `qemu-system-${root.machine}`, ...BOARDS[root.machine].options],
      ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-m', '2048'],
      ['-accel', 'tcg', '-icount', 'shift=2'],
      ['-kernel', kernel, '-initrd', initrd, '-append', commandLine(root.machine, selinux)],
      ['-serial', `file:${log}`, '-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ['-chardev', `socket,id=agent,path=${socket},server=on,wait=off`],
      ['-device', 'virtserialport,chardev=agent,name=agent'],
      ['-chardev', `socket,id=console,path=${console},server=on,wait=off`],
      ['-device', 'virtconsole,chardev=console'],
      share('checkout', HOST_CHECKOUT),
      root.image === undefined ? share('root', root.folder) : disk(root.image),
    ].flat(),
    { reject: false, stdin: 'ignore', all: true },
  );
  const over = new AbortController();
  const stop = async () => {
    over.abort();
    qemu.kill('SIGKILL');
    await qemu;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([answering(socket, over.signal), failure(qemu, log)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, console, stop };
}

/** The plainest processor of each kind, and the device of the log. arm64's has what a permission has to heed: BTI, SVE, SME. */
const BOARDS: Record<Machine, { options: string[]; log: string }> = {
  x86_64: { options: ['-cpu', 'qemu64'], log: 'ttyS0' },
  aarch64: { options: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on'], log: 'ttyAMA0' },
};

/**
 * The second line leaves out what takes an emulated kernel seconds: to try out timers and ciphers, to look for devices. What
 * is translated for one process serves the next where libraries lie at the same addresses: a third of the time to start one.
 */
function commandLine(machine: Machine, selinux: boolean): string {
  return [
    `console=${BOARDS[machine].log}`,
    'quiet panic=-1 systemd.show_status=0',
    'no_timer_check noapictimer acpi=off mitigations=off rodata=off cryptomgr.notests norandmaps',
    'initcall_blacklist=load_system_certificate_list',
    selinux ? 'security=selinux selinux=1 enforcing=1' : 'selinux=0',
  ].join(' ');
}

/** A folder of the host that the guest can mount by its name, to read. */
function share(name: string, folder: string): string[] {
  const options = 'security_model=none,readonly=on,multidevs=remap';
  return ['-virtfs', `local,path=${folder},mount_tag=${name},${options}`];
}

/** The guest's first disk. */
function disk(image: string): string[] {
  return ['-drive', `file=${image},format=raw,if=virtio,readonly=on`];
}

/** A VM of one's own, for what cannot be undone: `ptrace_scope` 3. */
export async function bootVm(options?: BootOptions): Promise<{ vm: Vm; stop(): Promise<void> }> {
  const { socket, stop } = await boot(options);
  return { vm: await Vm.connect(socket), stop };
}

async function answering(socket: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    try {
      (await Vm.connect(socket)).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50)); // QEMU has yet to make the socket
    }
  }
}

async function failure(qemu: PromiseLike<{ all?: string }>, log: string): Promise<never> {
  const timeout = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE).unref());
  const ended = await Promise.race([qemu, timeout]);
  throw new Error(
    `the test VM ${ended ? 'ended' : 'does not answer'}:\n${ended?.all ?? ''}\n${readLog(log)}`,
  );
}

function readLog(log: string): string {
  try {
    return readFileSync(log, 'utf8');
  } catch {
    return '(no log)';
  }
}
