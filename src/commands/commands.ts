import type { AddCommand } from './command.ts';

/** Every subcommand, in the order of the help. */
export const commands: readonly AddCommand[] = [];
