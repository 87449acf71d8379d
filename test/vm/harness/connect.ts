import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, inject } from 'vitest';
import { Vm } from './vm.ts';

/**
 * A VM that no other test file uses, for this one until its end: `const vm = await connectVm();` at the top. dev's home is
 * empty. The runner's number for a worker would not do: it gives two workers the same one after another project's files.
 */
export async function connectVm(): Promise<Vm> {
  for (;;) {
    for (const socket of inject('vms')) {
      const lock = await occupy(socket);
      if (!lock) continue;
      const vm = await Vm.connect(socket);
      await vm.emptyHome();
      afterAll(() => {
        vm.close();
        lock.close();
      });
      return vm;
    }
    await sleep(50);
  }
}

/** Takes the VM's lock, which goes with this process when nothing else ends it. Undefined: somebody has it. */
async function occupy(socket: string): Promise<Server | undefined> {
  const lock = createServer().unref().listen(`\0${socket}`); // a name without a file
  return once(lock, 'listening').then(
    () => lock,
    () => undefined,
  );
}
