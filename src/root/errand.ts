import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Obstacle } from '../failure.ts';
import type { Voice } from '../say/voice.ts';
import { startAsRoot } from './elevate.ts';
import type { Elevator } from './elevator.ts';
import { type Helper, helperCommand } from './helper.ts';

/**
 * Runs a helper to its end as root, which asks for the password. Answers what it said, line by line; or why it never ran,
 * or what it refused.
 */
export async function runErrand(
  helper: Helper,
  words: readonly string[],
  elevator: Elevator | Obstacle,
  voice?: Voice,
): Promise<readonly string[] | Obstacle> {
  if ('reason' in elevator) return elevator;
  const folder = mkdtempSync(join(tmpdir(), 'ptrace-shim-errand-'));
  try {
    const [told, said] = [join(folder, 'told'), join(folder, 'said')];
    const command = helperCommand(helper);
    writeFileSync(told, command.stdin);
    const stdio = [openSync(told, 'r'), openSync(said, 'wx')] as const;
    const obstacle = await startAsRoot(elevator, [...command.words, ...words], stdio, voice).ended;
    for (const fd of stdio) closeSync(fd);
    const lines = readFileSync(said, 'utf8').trim().split('\n');
    const last = lines.at(-1)!;
    if (last.startsWith(REFUSED)) return { reason: last.slice(REFUSED.length) };
    if (last !== '') return lines;
    return obstacle ?? { reason: 'the helper did not answer' };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const REFUSED = 'refused: ';
