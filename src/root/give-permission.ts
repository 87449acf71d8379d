import type { Obstacle } from '../failure.ts';
import { type Process, renderIdentity } from '../kernel/stat.ts';
import type { Voice } from '../say/voice.ts';
import type { Elevator } from './elevator.ts';
import { runErrand } from './errand.ts';

/** Whom the targets let in: one process and its descendants, all of the same user, or nobody any more. */
export type Admitted = Process | 'any' | 'none';

/**
 * Has each target grant a ptracer exception to one tracer: the kernel lets that one in, and nobody else, and the scope stays
 * 1. The exception ends with the tracer or the target. Answers undefined when that is done; else why not: then nothing was
 * changed, or with the code `in-part` not all of it could be taken back. See libexec/ptrace-permit.
 */
export async function givePermission(
  targets: readonly Process[],
  admitted: Admitted,
  elevator: Elevator | Obstacle,
  voice: Voice,
): Promise<Obstacle | undefined> {
  const words = [
    `targets=${targets.map(renderIdentity).join(',')}`,
    `tracer=${typeof admitted === 'string' ? admitted : renderIdentity(admitted)}`,
  ];
  const answer = await runErrand('ptrace-permit', words, elevator, voice);
  if ('reason' in answer) return answer;
  const [said] = answer;
  if (said === 'permitted') return undefined;
  return said?.startsWith(PARTLY)
    ? { reason: said.slice(PARTLY.length), code: 'in-part' }
    : { reason: answer.join(' ') };
}

const PARTLY = 'partly: ';
