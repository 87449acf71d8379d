import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { Cause } from '../src/kernel/cause.ts';

const MAN = fileURLToPath(new URL('../man', import.meta.url));

/** Complete, or it does not compile. */
const CAUSES: Readonly<Record<Cause, true>> = {
  restricted: true,
  'admin-only': true,
  'no-attach': true,
  'already-traced': true,
  'different-user': true,
  'not-dumpable': true,
  selinux: true,
  'selinux-policy': true,
  'no-such-process': true,
  zombie: true,
  'kernel-thread': true,
  hidden: true,
};

describe.each(readdirSync(MAN))('%s', (page) => {
  test('has nothing that mandoc complains about', async () => {
    const { stdout, stderr } = await execa('mandoc', ['-T', 'lint', page], { cwd: MAN, reject: false });
    // Which other manuals this machine has does not say anything about ours.
    const complaints = `${stdout}\n${stderr}`
      .split('\n')
      .filter((line) => line && !/referenced manual not found|outdated mandoc\.db/.test(line));
    expect(complaints).toEqual([]);
  });

  test('fits 80 columns, but for what the tools print themselves', async () => {
    const { stdout } = await execa('mandoc', ['-T', 'utf8', '-O', 'width=80', page], { cwd: MAN });
    const lines = stdout.replaceAll(/.\x08/g, '').split('\n');
    const long = lines.filter((line) => [...line].length > 80);
    expect(
      long.filter(
        (line) =>
          !/^ +(strace: |again as the root user|Error: The specified process|See the Python documentation|https:|Could not attach to pid|Cannot runtime-attach)/.test(
            line,
          ),
      ),
    ).toEqual([]);
  });
});

test('ptrace-scope-troubleshooting(7) has a section for each cause', () => {
  const source = readFileSync(`${MAN}/ptrace-scope-troubleshooting.7`, 'utf8');
  const headings = [...source.matchAll(/^\.Ss (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(expect.arrayContaining(Object.keys(CAUSES)));
});
