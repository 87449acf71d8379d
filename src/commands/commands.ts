import type { AddCommand } from './command.ts';

/** Every subcommand, in the order of the help, to be loaded when it is wanted; the last is hidden from the help. */
export const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  install: async () => (await import('./install.ts')).addInstall,
  uninstall: async () => (await import('./uninstall.ts')).addUninstall,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  status: async () => (await import('./status.ts')).addStatus,
  why: async () => (await import('./why.ts')).addWhy,
  'dry-run': async () => (await import('./dry-run.ts')).addDryRun,
  set: async () => (await import('./set.ts')).addSet,
  run: async () => (await import('./run.ts')).addRun,
  with: async () => (await import('./with.ts')).addWith,
  explain: async () => (await import('./explain.ts')).addExplain,
  config: async () => (await import('./config.ts')).addConfig,
  completion: async () => (await import('./completion.ts')).addCompletion,
  'complete-pids': async () => (await import('./complete-pids.ts')).addCompletePids,
};
