import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Elevate } from '../settings.ts';
import { findElevator, startAsRoot } from './elevate.ts';
import { helperCommand } from './helper.ts';

/** What libexec/ptrace-scope-set is asked; `-` leaves the running value alone. */
export type SetRequest =
  | readonly ['now' | 'permanent', '0' | '1' | '2']
  | readonly ['default', '0' | '1' | '2' | '-'];

/**
 * Has the helper do it as root, which asks for the password. Returns what it did, line by line (`set 1`,
 * `wrote /etc/sysctl.d/60-ptrace-shim.conf`, `removed …`). Throws a Failure when it refused or never ran:
 * with status 130 where the authentication was cancelled.
 */
export async function setAsRoot(request: SetRequest, elevate: Elevate): Promise<string[]> {
  const elevator = findElevator(elevate);
  if ('reason' in elevator) {
    throw new Failure(`cannot become root: ${elevator.reason}`, { help: 'run the same command as root' });
  }
  const folder = mkdtempSync(join(tmpdir(), 'ptrace-shim-set-'));
  try {
    const said = join(folder, 'said');
    const stdio = [openSync('/dev/null', 'r'), openSync(said, 'wx')] as const;
    const run = startAsRoot(elevator, [...helperCommand('ptrace-scope-set'), ...request], stdio);
    const unelevated = await run.ended;
    for (const fd of stdio) closeSync(fd);
    const lines = readFileSync(said, 'utf8').trim().split('\n');
    const last = lines.pop()!;
    if (last === 'done') return lines;
    throw new Failure(last.replace(/^refused: /, '') || unelevated?.message || 'the helper did not answer', {
      status: unelevated?.kind === 'dismissed' ? 130 : 1,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
