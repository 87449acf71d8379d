import { readdirSync } from 'node:fs';
import type { Verdict } from '../kernel/cause.ts';
import { glance, ROOTS, readViewer } from '../kernel/facts.ts';
import { readStatus } from '../kernel/proc-status.ts';
import { describeProcess, renderProcess } from '../kernel/process.ts';
import { judge } from '../kernel/verdict.ts';
import { CAUSES } from '../say/causes.ts';
import { renderAge } from '../say/headline.ts';
import { readSurroundings } from '../surroundings.ts';
import { renderHostile } from '../terminal.ts';
import { defaultPrefix, listValgrinds } from '../tools/vgdb.ts';
import type { AddCommand } from './command.ts';

/**
 * `ptrace-shim complete-pids [<prefix>]`, hidden: what the completions offer where a process id may stand. A line per
 * process: the id, a tab, and what to show beside it.
 */
export const addCompletePids: AddCommand = (command) => {
  command
    .argument('[prefix]', 'how the process ids begin', '')
    .option('--valgrind', 'only what vgdb can talk to')
    .action((prefix: string, { valgrind }: { valgrind?: boolean }) => {
      const pids = (valgrind ? readValgrinds() : readPids()).filter((pid) => String(pid).startsWith(prefix));
      const width = Number(process.env.COLUMNS) || 80;
      process.stdout.write(renderCandidates(findCandidates(pids), width));
    });
};

function readPids(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^[0-9]+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .sort((a, b) => a - b);
}

function readValgrinds(): number[] {
  const surroundings = readSurroundings();
  return listValgrinds(defaultPrefix(surroundings), surroundings);
}

interface Candidate {
  readonly pid: number;
  readonly state: string;
  readonly age: string;
  readonly commandLine: string;
}

/** Your own processes; when none of these is, everybody's. */
export function findCandidates(pids: readonly number[], roots = ROOTS): Candidate[] {
  const { proc } = roots;
  const viewer = readViewer(process.pid, roots);
  const { self } = viewer;
  if (!self) return [];
  const own = pids.filter((pid) => readStatus(pid, proc)?.uid.effective === self.uid.effective);
  return (own.length > 0 ? own : pids).flatMap((pid) => {
    const state = renderExpected(judge(glance(pid, viewer, roots)), proc);
    const description = describeProcess(pid, proc);
    if (state === undefined || !description) return [];
    const commandLine = description.commandLine.trimEnd(); // a rewritten title may be padded
    return [{ pid, state, age: renderAge(description.age), commandLine }];
  });
}

/** The age, the command line, cut so that the whole fits, and in parentheses what an attach may expect. */
export function renderCandidates(candidates: readonly Candidate[], width: number): string {
  const longest = Math.max(0, ...candidates.map(({ age }) => age.length));
  return candidates
    .map(({ pid, age, commandLine, state }) => {
      const expected = state && ` (${state})`;
      const room = Math.max(20, width - longest - expected.length - GAPS);
      return `${pid}\t${age.padStart(longest)}  ${renderHostile(commandLine, room)}${expected}\n`;
    })
    .join('');
}

/** What a shell adds: the id, `--pid=`, blanks between the columns, parentheses. */
const GAPS = 22;

/** What an attach may expect; undefined of what is not listed. */
function renderExpected({ outcome, cause, tracer }: Verdict, proc: string): string | undefined {
  if (outcome === 'allowed') return '';
  if (cause === undefined) return 'may be refused';
  if (tracer !== undefined) return `traced by ${renderProcess(tracer, proc)}`;
  return CAUSES[cause].inList;
}
