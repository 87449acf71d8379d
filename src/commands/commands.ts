import type { AddCommand } from './command.ts';
import { addDryRun } from './dry-run.ts';
import { addExplain } from './explain.ts';
import { addSet } from './set.ts';
import { addStatus } from './status.ts';
import { addWhy } from './why.ts';

/** Every subcommand, in the order of the help. */
export const commands: readonly AddCommand[] = [addStatus, addWhy, addDryRun, addSet, addExplain];
