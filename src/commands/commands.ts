import type { AddCommand } from './command.ts';
import { addWhy } from './why.ts';

/** Every subcommand, in the order of the help. */
export const commands: readonly AddCommand[] = [addWhy];
