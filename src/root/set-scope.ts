import { Failure, statusOf } from '../failure.ts';
import type { Elevate } from '../settings.ts';
import { findElevator } from './elevator.ts';
import { runErrand } from './errand.ts';

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
  const answer = await runErrand('ptrace-scope-set', request, elevator);
  if ('reason' in answer) throw new Failure(answer.reason, { status: statusOf(answer) });
  if (answer.at(-1) !== 'done') throw new Failure(answer.at(-1)!);
  return answer.slice(0, -1);
}
