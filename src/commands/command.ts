import type { Command } from 'commander';

/**
 * A subcommand says what it takes: its arguments, options, help and action. command-line.ts has made it, and lists them all.
 * The action loads what it needs.
 */
export type AddCommand = (command: Command) => void;
