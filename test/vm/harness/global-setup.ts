import type { TestProject } from 'vitest/node';
import { boot } from './boot.ts';
import { Vm } from './vm.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The sockets of the run's VMs, one for each worker. */
    vms: readonly string[];
  }
}

/** Boots the VMs that the test files of this folder share, each with one file at a time. */
export default async function setup({ config, provide }: TestProject): Promise<() => Promise<void>> {
  const named = process.argv.filter((word) => word.endsWith('.test.ts')).length;
  const count = Math.min(config.maxWorkers, named || Number.POSITIVE_INFINITY);
  const vms = await Promise.all(Array.from({ length: count }, () => boot()));
  console.log(await readVersions(vms[0]!.socket));
  provide(
    'vms',
    vms.map(({ socket }) => socket),
  );
  return async () => {
    await Promise.all(vms.map(({ stop }) => stop()));
  };
}

/** What the tests drive, a line. */
async function readVersions(socket: string): Promise<string> {
  const vm = await Vm.connect(socket);
  const lines = await vm.asRoot(VERSIONS);
  vm.close();
  return `the test machine has ${lines.replaceAll('\n', ' · ')}`;
}

const VERSIONS = `
. /etc/os-release; echo "$PRETTY_NAME"
uname -sr
for tool in gdb strace eu-stack valgrind pkexec setpriv node; do $tool --version | head -n 1; done
/usr/lib/systemd/systemd --version | head -n 1
echo "sh: $(readlink -f /bin/sh)"`;
