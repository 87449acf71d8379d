import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { fetchNode, NODE_VERSIONS } from './versions.ts';

describe.each(NODE_VERSIONS)('on Node %s', (version) => {
  let node: string;
  beforeAll(async () => {
    node = `${await fetchNode(version)}/node`;
  }, 120_000);

  test('the command answers', async () => {
    expect((await execa(node, ['--version'])).stdout).toBe(`v${version}`);
    const { stdout, stderr } = await execa(node, ['dist/main.js', 'status', '--json']);
    expect(JSON.parse(stdout)).toHaveProperty('nextBoot');
    expect(stderr).toBe('');
  });

  test('preflight answers with a plan', async () => {
    const words = ['gdb', '/bin/true', String(process.pid), '-p', String(process.pid)];
    const { stdout, stderr } = await execa(node, ['dist/preflight.js', ...words], {
      stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
    });
    expect(stdout).toMatch(/^#ptrace-shim-plan 1\n[\s\S]*\n#end$/);
    expect(stderr).toBe('');
  });
});
