import type { Command } from 'commander';

/**
 * A subcommand adds itself to the program: its arguments, options, help and action. The action loads what it needs, so
 * that `ptrace-shim --help` stays quick. command-line.ts lists them.
 */
export type AddCommand = (program: Command) => void;
