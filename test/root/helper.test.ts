import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { type Helper, helperCommand } from '../../src/root/helper.ts';

/** A helper that somebody else than root may change. */
function plant(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ptrace-shim-helper-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'helper');
  writeFileSync(path, text, { mode: 0o666 });
  return path;
}

const TEXTS = {
  'ptrace-scope-window': `#!/bin/sh\nprintf '<%s>' "$@" 'ä"$(id)'\nread -r order\necho "$order"\n\n`,
  'ptrace-permit': `#!/usr/bin/python3\nimport sys\nprint(sys.argv[0], 'ä"$(id)', *sys.argv[1:], input())\n`,
} as const;
const SAYS = {
  'ptrace-scope-window': '<a b><c><ä"$(id)>open',
  'ptrace-permit': '-c ä"$(id) ptrace-permit a b c open',
};

async function run(helper: keyof typeof TEXTS, change: (stdin: string) => string = (text) => text) {
  const { words, stdin } = helperCommand(helper, plant(TEXTS[helper]));
  const [file, ...args] = [...words, 'a b', 'c'];
  return execa(file!, args, { input: `${change(stdin)}open\n`, reject: false });
}

test.each(Object.keys(TEXTS) as (keyof typeof TEXTS)[])('%s runs as text, and reads on', async (helper) => {
  expect(await run(helper)).toMatchObject({ stdout: SAYS[helper], exitCode: 0 });
});

test.each(Object.keys(TEXTS) as (keyof typeof TEXTS)[])(
  '%s does not run when it was changed',
  async (helper) => {
    const changes = [
      (text: string) => text.replace('ä', 'ö'),
      (text: string) => text.slice(0, -1),
      (text: string) => `\n${text}`,
      () => '',
    ];
    for (const change of changes) {
      const { stdout, exitCode } = await run(helper, change);
      expect([stdout, exitCode]).toEqual(['', 1]);
    }
  },
);

test.each(['ptrace-permit', 'ptrace-scope-window', 'ptrace-scope-set'] as const satisfies Helper[])(
  "%s is run by its path where it is root's alone",
  (helper) => {
    expect(helperCommand(helper, '/usr/bin/env').words).toEqual(['/usr/bin/env']);
  },
);
