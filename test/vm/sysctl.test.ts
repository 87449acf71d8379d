import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { predictNextBoot } from '../../src/machine/sysctl.ts';
import { connectVm } from './harness/connect.ts';
import { CHECKOUT } from './harness/vm.ts';

const vm = await connectVm();

interface Tree {
  /** The scope before sysctl.d is applied. */
  start: 0 | 1 | 2;
  files: Record<string, string>;
  links: Record<string, string>;
}

/** Spellings that name the scope, that nearly do, and that don't. No glob that reaches past kernel.yama. */
const oddKey = fc.constantFrom(
  'kernel.yama.ptrace_scope',
  'kernel/yama/ptrace_scope',
  'kernel.yama/ptrace_scope',
  'kernel/yama.ptrace_scope',
  '/kernel/yama/ptrace_scope',
  '/kernel.yama.ptrace_scope',
  'kernel//yama/ptrace_scope',
  'kernel..yama.ptrace_scope',
  'kernel/./yama/ptrace_scope/',
  'kernel.yama',
  'kernel.yama.*',
  'kernel/yama/*',
  'kernel.yama.ptrace_*',
  'kernel.yama.ptrace?scope',
  'kernel/[xy]ama/ptrace_scope',
  'kernel/[!y]ama/ptrace_scope',
  'kernel/[x-z]*/ptrace_s[bc]ope',
  'kernel.yama.ptrace\\_*',
  'kernel.yama.ptrace_scope*',
  'kernel.*.ptrace_scope',
  '*.yama.ptrace_scope',
  '*.ptrace_scope',
  'kernel.yama.ptrace_scop[',
  'kernel.Yama.*',
);

const key = fc.oneof(
  oddKey,
  fc.constantFrom(
    'kernel.yama.ptrace_scope',
    'kernel/yama/ptrace_scope',
    'kernel.yama.*',
    'kernel/y*/ptrace_scope',
  ),
);

/** What the kernel reads as 0, 1 or 2, and what it refuses. Never 3, which would stay. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('0', '1', '2') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '01',
      '0x1',
      '0x',
      '08',
      '-0',
      '-1',
      '+1',
      '4',
      '1 2',
      '1\t2',
      '1x',
      '',
      '1 # one',
      '2;',
      '""',
      '00000002',
      '= 2',
      '20',
    ),
  },
); // prettier-ignore

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', '', '-', ' ', '\t-', '- ', '--'),
        key,
        fc.constantFrom('=', ' = ', '\t=\t '),
        value,
      )
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: key.map((key) => `-${key}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('#', ';', ' #', '//', '! '), key)
      .map(([mark, key]) => `${mark}${key}=2`),
  },
  { weight: 1, arbitrary: key },
  { weight: 1, arbitrary: fc.constantFrom('', '   ', '=1', '-', '-=1', 'kernel.pid_max') },
); // prettier-ignore

const text = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('\n', '\n', '\n', '\r\n', '\r'),
    fc.boolean(),
  )
  .map(([lines, end, last]) => lines.join(end) + (last ? end : ''));

const folder = fc.constantFrom('/etc', '/run', '/usr/local/lib', '/usr/lib');
const name = fc.constantFrom(
  '1-a.conf',
  '10-b.conf',
  '10-B.conf',
  '50-c.conf',
  '99-d.conf',
  'ü.conf',
  '.hidden.conf',
  '60-e.conf~',
  '60-f',
  'g.conf.conf',
);
const path = fc.tuple(folder, name).map(([folder, name]) => `${folder}/sysctl.d/${name}`);

const content = fc.oneof(
  { weight: 5, arbitrary: text.map((text) => ({ text })) },
  { weight: 1, arbitrary: fc.constantFrom('/dev/null', '../settings/sysctl.conf').map((link) => ({ link })) },
);

const tree: fc.Arbitrary<Tree> = fc
  .record({
    start: fc.constantFrom(0 as const, 1 as const, 2 as const),
    entries: fc.uniqueArray(fc.tuple(path, content), {
      minLength: 3,
      maxLength: 6,
      selector: ([path]) => path,
    }),
    settings: text,
  })
  .map(({ start, entries, settings }) => {
    const tree: Tree = { start, files: { '/etc/settings/sysctl.conf': settings }, links: {} };
    for (const [path, content] of entries) {
      if ('text' in content) tree.files[path] = content.text;
      // A link that leads nowhere would be a question of the version of systemd.
      else if (content.link.startsWith('/') || path.startsWith('/etc')) tree.links[path] = content.link;
    }
    return tree;
  });

/** An emulated machine takes half a second for each tree, so they come in batches. */
test.each([1, 2, 3, 4, 5, 6])(
  'predicts what the kernel has after the real systemd-sysctl, for 40 generated trees (batch %i)',
  async (seed) => {
    const trees = fc.sample(tree, { numRuns: 40, seed });
    const applied = await vm.read(
      ['unshare', '-m', 'node', `${CHECKOUT}/test/vm/harness/guest/apply-sysctl.mjs`],
      {
        user: 'root',
        env: { PATH: '/usr/sbin:/usr/bin' },
        stdin: JSON.stringify(trees),
      },
    );
    const values: unknown[] = JSON.parse(applied);
    const predictions = trees.map(predict);

    expect(values).toHaveLength(40);
    expect(
      trees
        .map((tree, i) => ({ tree, predicted: predictions[i]?.scope, real: values[i] }))
        .filter(({ predicted, real }) => predicted !== real),
    ).toEqual([]);
    // And they were worth asking about.
    expect(values.filter((value, i) => value !== trees[i]?.start).length).toBeGreaterThan(8);
  },
);

function predict(tree: Tree) {
  const root = mkdtempSync(join(tmpdir(), 'ptrace-shim-sysctl-'));
  try {
    for (const [path, text] of Object.entries(tree.files))
      write(join(root, path), (at) => writeFileSync(at, text));
    for (const [path, to] of Object.entries(tree.links)) write(join(root, path), (at) => symlinkSync(to, at));
    return predictNextBoot(root, tree.start);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function write(path: string, make: (path: string) => void): void {
  mkdirSync(dirname(path), { recursive: true });
  make(path);
}
