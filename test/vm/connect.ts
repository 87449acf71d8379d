import { afterAll, inject } from 'vitest';
import { Vm } from './vm.ts';

/** The run's VM, for a test file to use until its end: `const vm = await connectVm();` at the top. */
export async function connectVm(): Promise<Vm> {
  const vm = await Vm.connect(inject('vm'));
  afterAll(() => vm.close());
  return vm;
}
