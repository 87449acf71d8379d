import type { AddCommand } from './command.ts';
import { addCompletePids } from './complete-pids.ts';
import { addCompletion } from './completion.ts';
import { addDoctor } from './doctor.ts';
import { addDryRun } from './dry-run.ts';
import { addExplain } from './explain.ts';
import { addInstall } from './install.ts';
import { addSet } from './set.ts';
import { addStatus } from './status.ts';
import { addUninstall } from './uninstall.ts';
import { addWhy } from './why.ts';

/** Every subcommand, in the order of the help; the last is hidden from it. */
export const commands: readonly AddCommand[] = [
  addInstall,
  addUninstall,
  addDoctor,
  addStatus,
  addWhy,
  addDryRun,
  addSet,
  addExplain,
  addCompletion,
  addCompletePids,
];
