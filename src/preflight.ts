import { writeSync } from 'node:fs';
import { decide } from './decision.ts';
import { renderPlan } from './handover/plan.ts';
import { readLatin1Words } from './kernel/process.ts';
import { readSurroundings } from './surroundings.ts';
import { toolOf } from './tools/tools.ts';

/**
 * One attach from argv to plan. The shim calls `preflight.js TOOL REAL PID ARGS…` with the person's stderr as
 * descriptor 3, and evaluates what comes on stdout. Whatever is thrown here ends as a status other than 0 and no plan:
 * the shim then runs the real tool.
 */
const VOICE = 3;
const [name, real, pid] = process.argv.slice(2) as [string, string, string];
const tracer = Number(pid);
// In process.argv whatever is not UTF-8 is lost.
const words = readLatin1Words(process.pid).slice(5);
const tool = toolOf(name)!;
const surroundings = readSurroundings();

const decision = decide(tool, words, tracer, surroundings, VOICE);
makePlan().then((plan) => writeSync(1, Buffer.from(plan, 'latin1')));

async function makePlan(): Promise<string> {
  if (decision.would === 'hand-over') return renderPlan({});
  const { answer } = await import('./question/answer.ts');
  return answer({ tool, real, words, tracer, surroundings, decision }, VOICE);
}
