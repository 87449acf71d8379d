import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/vm/**'],
          maxWorkers: 2,
          // For what hangs: how long something takes on a busy machine decides nothing.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          // SELinux needs a root with labels, which only a userland that we have built has: npm run test:userland.
          exclude: process.env.PTRACE_SHIM_USERLAND ? [] : ['test/vm/selinux.test.ts'],
          globalSetup: 'test/vm/harness/global-setup.ts',
          // A machine for each worker, as it has one scope; and an emulated machine is slow.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // What is waited for has ten minutes of its own; see PATIENCE.
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          expect: { poll: { timeout: 600_000, interval: 100 } },
        },
      },
    ],
  },
});
