import { relative } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { fetchNode, NODE_VERSIONS } from '../node/versions.ts';
import { connectVm } from './harness/connect.ts';
import { HOST_CHECKOUT } from './harness/initrd.ts';
import { ASKED, openTerminal, startTarget } from './harness/person.ts';
import { CHECKOUT, PATH_WITH_SHIMS, USERS } from './harness/vm.ts';

const vm = await connectVm();
beforeEach(() => vm.emptyHome());

test.each(NODE_VERSIONS)('strace gets attached by the question on Node %s', async (version) => {
  const folder = `${CHECKOUT}/${relative(HOST_CHECKOUT, await fetchNode(version))}`;
  const { pid } = await startTarget(vm);
  const terminal = await openTerminal(vm, { env: { PATH: `${folder}:${PATH_WITH_SHIMS}` } });
  await terminal.line(`node --version; strace -p ${pid}`);
  await terminal.waitFor(`v${version}`);
  await terminal.waitFor(ASKED);
  await terminal.press('Enter');
  await terminal.waitFor('Remember this answer?');
  await terminal.press('Enter');
  await terminal.waitFor('Password:');
  await terminal.secret(USERS.dev.password);
  await terminal.waitFor(`Process ${pid} attached`);
  await expect.poll(() => vm.scope()).toBe(1);
});
