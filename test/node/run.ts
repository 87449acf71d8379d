import { execa } from 'execa';
import { fetchNode, NODE_VERSIONS } from './versions.ts';

/** `npm run test:node`: the unit tests on every Node we promise, and the attaches in a VM that has no other. */
for (const version of NODE_VERSIONS) {
  const folder = await fetchNode(version);
  const vitest = (...words: string[]) =>
    execa(`${folder}/node`, ['node_modules/vitest/vitest.mjs', 'run', ...words], {
      stdio: 'inherit',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
  console.log(`\nNode ${version}`);
  await vitest('--project', 'unit');
  await vitest('--project', 'vm', 'test/vm/attach.test.ts');
}
