import { readScope } from '../kernel/scope.ts';
import { type Container, hostCommand, readForeignContainer } from '../machine/container.ts';
import { readRelease, readScopePackages } from '../machine/release.ts';
import type { Circumstances } from './explanation.ts';

/** What the explanation needs to know of this machine. */
export async function readCircumstances(): Promise<Circumstances> {
  const release = readRelease();
  const container = readForeignContainer();
  return {
    scope: readScope(),
    release,
    packages: await readScopePackages(release),
    container: container && describe(container),
  };
}

function describe(container: Container) {
  return { kind: container.kind, wayOut: hostCommand(container, [])?.join(' ') };
}
