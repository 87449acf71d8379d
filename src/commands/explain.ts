import { readScope } from '../kernel/scope.ts';
import { type Circumstances, explain } from '../remedy/explain.ts';
import { type Container, hostCommand, readContainer } from '../setup/container.ts';
import { readRelease, readScopePackages } from '../setup/release.ts';
import type { AddCommand } from './command.ts';

/** `ptrace-shim explain`: what changed on this release, and every way on. */
export const addExplain: AddCommand = (program) => {
  program
    .command('explain')
    .description('explain ptrace_scope on this release, and how to change it for good')
    .option('--all', 'add the history, and what both sides say')
    .action(async ({ all }: { all?: boolean }) => {
      const circumstances = await readCircumstances();
      process.stdout.write(`${explain(circumstances, { all }).join('\n')}\n`);
    });
};

/** What the explanation needs to know of this machine. */
export async function readCircumstances(): Promise<Circumstances> {
  const container = readContainer();
  return {
    scope: readScope(),
    release: readRelease(),
    packages: await readScopePackages(),
    // WSL is a machine of its own.
    container: container && container.kind !== 'wsl' ? describe(container) : undefined,
  };
}

function describe(container: Container) {
  return { kind: container.kind, wayOut: hostCommand(container, [])?.join(' ') };
}
