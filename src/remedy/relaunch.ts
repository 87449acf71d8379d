import type { Decision } from '../decision.ts';
import type { Obstacle } from '../failure.ts';
import { leadersOf } from '../kernel/target.ts';
import type { Tool } from '../tools/tool.ts';
import type { Remedy, Terms } from './remedy.ts';
import { type RunningProgram, readProgram, renderProgram } from './running-program.ts';

/** Starts the program again as the tool's child, which every scope below 2 permits. */
export const relaunch: Remedy = {
  id: 'relaunch',
  about: 'start the program again under the tool',
  offer: ({ tool, decision }) => offerRelaunch(tool, findProgram(tool, decision)),
};

/** The offer for a program that was found, or for the reason why there is none. */
export function offerRelaunch(tool: Tool, program: RunningProgram | Obstacle): Terms {
  const isThere = !('reason' in program);
  const name = tool.relaunch ? `Relaunch under ${tool.name}` : 'Relaunch';
  return {
    reason: isThere ? undefined : program.reason,
    name,
    does: (columns) =>
      isThere ? sayWhat(program, columns - Math.max(name.length, LONGEST_OTHER) - GAPS) : '',
    remembered: { answers: ['relaunch'], failure: `cannot relaunch under ${tool.name}` },
    async carryOut(refusal, voice) {
      const { startAgain } = await import('./start-again.ts');
      return isThere ? startAgain(refusal, program, voice) : undefined;
    },
  };
}

function findProgram(tool: Tool, { scope, intent, targets }: Decision): RunningProgram | Obstacle {
  if (intent.kind === 'launch') return { reason: `scope ${scope} refuses launching too` };
  if (intent.kind === 'other') return { reason: 'there is no process to start again' };
  if (!tool.relaunch) return { reason: `there is no relaunch under ${tool.name}` };
  if (scope !== 1) return { reason: `scope ${scope} refuses launching too` };
  if (intent.launches) return { reason: `${tool.name} is to start a program already` };
  const [target, ...more] = leadersOf(targets);
  if (more.length > 0) return { reason: `${tool.name} can start one program, not ${more.length + 1}` };
  return readProgram(target!.pid, target!.startTime);
}

/** As much of the command line as has room. */
function sayWhat(program: RunningProgram, room: number): string {
  const say = (what: string) => `stop ${program.pid}, then start ${what} again`;
  return say(renderProgram(program, room - say('').length));
}

/** All names of the question share one column, and this one is always there. */
const LONGEST_OTHER = 'Show what runs as root'.length;
/** The mark before the name, and the blanks behind it. */
const GAPS = 6;
