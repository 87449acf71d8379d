import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../.github/workflows/', import.meta.url);
const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const used = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action!);
  return { name, text, used };
});

test.each(workflows)('$name starts without a right, and keeps no credential', ({ text }) => {
  expect(text).toMatch(/^permissions: \{\}$/m);
  const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
  expect(text.match(/persist-credentials: false/g) ?? []).toHaveLength(checkouts.length);
});

test.each(workflows)(
  '$name names each action by its commit, and runs no text that others wrote',
  (workflow) => {
    for (const action of workflow.used) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const [, ...commands] = workflow.text.split(/^ *- run: /m);
    for (const command of commands) expect(command.split(/^ *(?:- |env:)/m)[0]).not.toContain('${{');
  },
);

test('only the job that publishes to npm may speak for the repository', () => {
  const texts = workflows.map(({ text }) => text).join('');
  expect(texts.match(/id-token: write/g)).toHaveLength(1);
  const [job] = texts.split(/^ {2}npm:\n/m)[1]!.split(/^ {2}\w+:\n/m);
  expect(job).toContain('id-token: write');
  expect(job).not.toContain('checkout');
});
