import type { TestProject } from 'vitest/node';
import { boot } from './boot.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The sockets of the run's VMs, one for each worker. */
    vms: readonly string[];
  }
}

/** Boots the VMs that the test files of this folder share, each with one file at a time. */
export default async function setup({ config, provide }: TestProject): Promise<() => Promise<void>> {
  const vms = await Promise.all(Array.from({ length: config.maxWorkers }, () => boot()));
  provide(
    'vms',
    vms.map(({ socket }) => socket),
  );
  return async () => {
    await Promise.all(vms.map(({ stop }) => stop()));
  };
}
