import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildInitrd, HOST_CHECKOUT } from './initrd.ts';
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

/**
 * Boots a machine with a stock kernel, and so with Yama, on the host's root file system, which it cannot change.
 * It is emulated: `/dev/kvm` may be there and still fail. It dies with the process that booted it. Its processor is a plain
 * one, as the finer instructions cost more to emulate than they save.
 *
 * @param processors a second one makes it slower where the host has no more than two, as most instructions of the kernel's
 *   wait for both; it is for what two programs do at the very same time
 * @param systemd has systemd run it, with a login for whoever comes by su; it takes twice as long to boot
 */
export async function boot({ processors = 1, systemd = false } = {}): Promise<Booted> {
  await execa('sh', [join(HOST_CHECKOUT, 'test/fixtures/build.sh')]);
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-vm-'));
  const { kernel, initrd } = await buildInitrd(folder);
  const socket = join(folder, 'agent');
  const console = join(folder, 'console');
  const log = join(folder, 'log');
  const qemu = execa(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'qemu-system-x86_64',
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-no-reboot',
      '-accel',
      'tcg,thread=multi',
      '-cpu',
      'qemu64',
      '-smp',
      String(processors),
      '-m',
      '2048',
      '-kernel',
      kernel,
      '-initrd',
      initrd,
      '-append',
      // On a busy host the emulated timer is late, which the kernel would take for a broken one. What is translated for
      // one process serves the next where libraries lie at the same addresses: a third of the time to start one.
      `console=ttyS0 quiet panic=-1 no_timer_check norandmaps mitigations=off selinux=0${systemd ? ' test.systemd' : ''}`,
      '-serial',
      `file:${log}`,
      '-virtfs',
      'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap',
      '-device',
      'virtio-rng-pci',
      '-device',
      'virtio-serial-pci',
      '-chardev',
      `socket,id=agent,path=${socket},server=on,wait=off`,
      '-device',
      'virtserialport,chardev=agent,name=agent',
      '-chardev',
      `socket,id=console,path=${console},server=on,wait=off`,
      '-device',
      'virtconsole,chardev=console',
    ],
    { reject: false, stdin: 'ignore', all: true },
  ); // prettier-ignore
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

/** A VM of one's own, for what cannot be undone: `ptrace_scope` 3. */
export async function bootVm(
  options?: Parameters<typeof boot>[0],
): Promise<{ vm: Vm; stop(): Promise<void> }> {
  const { socket, stop } = await boot(options);
  return { vm: await Vm.connect(socket), stop };
}

/** The guest takes some seconds; its log tells why it takes longer. */
const BOOT_TIMEOUT = 120_000;

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
  const timeout = new Promise<undefined>((resolve) =>
    setTimeout(() => resolve(undefined), BOOT_TIMEOUT).unref(),
  );
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
