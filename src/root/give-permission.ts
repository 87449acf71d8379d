import type { Obstacle } from '../failure.ts';
import { type Process, renderIdentity } from '../kernel/stat.ts';
import type { Voice } from '../say/voice.ts';
import type { Elevate } from '../settings.ts';
import { runErrand } from './errand.ts';

/** Whom the targets let in: one process and its descendants, all of the same user, or nobody any more. */
export type Admitted = Process | 'any' | 'none';

/**
 * Has each target grant a ptracer exception to one tracer: the kernel lets that one in, and nobody else, and the scope stays
 * 1. The exception ends with the tracer or the target. Answers undefined when that is done; else why nothing was changed.
 * See libexec/ptrace-permit.
 */
export async function givePermission(
  targets: readonly Process[],
  admitted: Admitted,
  elevate: Elevate,
  voice: Voice,
): Promise<Obstacle | undefined> {
  const words = [
    `targets=${targets.map(renderIdentity).join(',')}`,
    `tracer=${typeof admitted === 'string' ? admitted : renderIdentity(admitted)}`,
  ];
  const answer = await runErrand('ptrace-permit', words, elevate, voice);
  if ('reason' in answer) return answer;
  return answer[0] === 'permitted' ? undefined : { reason: answer.join(' ') };
}
