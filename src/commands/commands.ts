import type { AddCommand } from './command.ts';
import { addConfig } from './config.ts';
import { addDryRun } from './dry-run.ts';
import { addExplain } from './explain.ts';
import { addRun } from './run.ts';
import { addSet } from './set.ts';
import { addStatus } from './status.ts';
import { addWhy } from './why.ts';
import { addWith } from './with.ts';

/** Every subcommand, in the order of the help. */
export const commands: readonly AddCommand[] = [
  addStatus,
  addWhy,
  addDryRun,
  addSet,
  addRun,
  addWith,
  addExplain,
  addConfig,
];
