import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { boot } from './boot.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The socket of the run's VM. */
    vm: string;
  }
}

/** Boots the VM that the test files of this folder share, one after the other. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await execa('sh', [fileURLToPath(new URL('../fixtures/build.sh', import.meta.url))]);
  const { socket, stop } = await boot();
  provide('vm', socket);
  return stop;
}
