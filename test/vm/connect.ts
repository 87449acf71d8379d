import { afterAll, inject } from 'vitest';
import { Vm } from './vm.ts';

/** This worker's VM, for a test file to use until its end: `const vm = await connectVm();` at the top. */
export async function connectVm(): Promise<Vm> {
  const worker = Number(process.env.VITEST_POOL_ID); // from 1
  const vm = await Vm.connect(inject('vms')[worker - 1]!);
  afterAll(() => vm.close());
  return vm;
}
