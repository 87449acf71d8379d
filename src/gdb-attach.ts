import { spawnSync } from 'node:child_process';
import { type Decision, decideOn, isScoped } from './decision.ts';
import { readLatin1Words } from './kernel/process.ts';
import { readText } from './kernel/read.ts';
import { readSurroundings } from './surroundings.ts';
import { isDriven } from './tools/gdb.ts';
import { findAttachees } from './tools/gdb-session.ts';
import { attachTo } from './tools/intent.ts';
import { tools } from './tools/tools.ts';

/**
 * gdb's own `attach`, in a session. Before gdb attaches, src/install/attach.gdb and attach.sh call `gdb-attach.js PID-OF-GDB`, and
 * give us as descriptor 3 what was typed. gdb goes on when we end, whatever happened here.
 */
const VOICE = 2;
const tracer = Number(process.argv[2]);
const surroundings = readSurroundings();
const words = readLatin1Words(tracer).slice(1);

main().catch(() => {}); // Ctrl-C, or a fault of ours: gdb says what the kernel answers

async function main(): Promise<void> {
  // A program that drives gdb answers no question.
  const decision = isDriven(words, surroundings.env) ? undefined : findRefused();
  if (decision !== undefined) await ask(decision);
}

/** The first process that gdb may be about to attach to, and that the scope keeps from it. */
function findRefused(): Decision | undefined {
  for (const pid of findAttachees(readText('/proc/self/fd/3') ?? '', words)) {
    const decision = decideOn(attachTo(pid, 'once'), tracer, surroundings, VOICE);
    if (decision.would === 'ask' && isScoped(decision)) return { ...decision, inSession: true };
  }
}

async function ask(decision: Decision): Promise<void> {
  const { answerInSession } = await import('./question/answer.ts');
  const refusal = { tool: tools.gdb, real: `/proc/${tracer}/exe`, words, tracer, surroundings, decision };
  const { open } = await answerInSession(refusal, VOICE);
  if (open !== undefined) spawnSync('/bin/sh', ['-c', open], { stdio: 'inherit' });
}
