import { readCircumstances } from '../say/circumstances.ts';
import { explain } from '../say/explanation.ts';
import type { AddCommand } from './command.ts';

/** `ptrace-shim explain`: what changed on this release, and every way on. */
export const addExplain: AddCommand = (command) => {
  command
    .option('--all', 'add the history, and what both sides say')
    .action(async ({ all }: { all?: boolean }) => {
      const circumstances = await readCircumstances();
      process.stdout.write(`${explain(circumstances, { all }).join('\n')}\n`);
    });
};
