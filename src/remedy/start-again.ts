import { setTimeout as delay } from 'node:timers/promises';
import { LAUNCHER, renderLauncher, type Variable } from '../handover/launcher.ts';
import { isExportable, type Plan } from '../handover/plan.ts';
import { isDead } from '../kernel/facts.ts';
import { readStatus } from '../kernel/proc-status.ts';
import { type Process, readStartTime } from '../kernel/stat.ts';
import type { Refusal } from '../refusal.ts';
import { spin } from '../say/spinner.ts';
import type { Voice } from '../say/voice.ts';
import type { Tool } from '../tools/tool.ts';
import { type RunningProgram, readEnvironment, show } from './running-program.ts';

/** Asks what becomes of the running one, ends it if so wished, and plans to start it again as the tool's child. */
export async function startAgain(
  refusal: Refusal,
  program: RunningProgram,
  voice: Voice,
): Promise<Plan | undefined> {
  const person = readEnvironment(refusal.tracer) ?? readEnvironment(process.pid) ?? new Map();
  const answer = await chooseStop(program.pid, tellBefore(refusal.tool, program, person), voice);
  if (answer === 'back') return undefined;
  if (answer === 'stop' && !(await stop(program, voice))) return undefined;
  return planRelaunch(refusal, program, person);
}

/** What will not be as it was, a sentence each: to be known before the running one is stopped. */
export function tellBefore(tool: Tool, program: RunningProgram, person: Environment): string[] {
  const { lost } = divide(tool, program.environment, person);
  return [
    ...program.remarks,
    'the new one reads and writes this terminal, wherever the old one did',
    ...(lost.length === 0 ? [] : [`the new one goes without these variables: ${show(lost.join(', '))}`]),
  ];
}

/** Ends the program: SIGTERM, and SIGKILL only when the person says so. False when it lives on. */
async function stop(program: Process, voice: Voice): Promise<boolean> {
  const { pid } = program;
  let signal: NodeJS.Signals = 'SIGTERM';
  for (;;) {
    try {
      if (!sendSignal(program, signal)) return true;
    } catch (error) {
      if (isGone(program)) return true;
      voice.say(`ptrace-shim: cannot stop ${pid}: ${(error as NodeJS.ErrnoException).code}`);
      return false;
    }
    if (await waitUntil(() => isGone(program), `waiting for ${pid} to end`, voice)) return true;
    const answer = await chooseKill(pid, voice);
    if (answer === 'back') return false;
    signal = answer === 'kill' ? 'SIGKILL' : 'SIGTERM';
  }
}

/** What becomes of the running one when a new one is started. */
async function chooseStop(
  pid: number,
  remarks: readonly string[],
  voice: Voice,
): Promise<'stop' | 'leave' | 'back'> {
  for (const remark of remarks) voice.say(`  note     ${remark}`);
  const { select } = await import('../say/select.ts');
  return select(
    `What becomes of the running ${pid}?`,
    [
      { value: 'stop', name: 'Stop it first', does: 'SIGTERM, and wait until it has ended' },
      { value: 'leave', name: 'Leave it running', does: 'two of them may want the same port or file' },
      { value: 'back', name: 'Back', does: 'to the other ways' },
    ],
    voice,
  );
}

/** It did not heed SIGTERM. */
async function chooseKill(pid: number, voice: Voice): Promise<'wait' | 'kill' | 'back'> {
  const { select } = await import('../say/select.ts');
  return select(
    `${pid} is still running`,
    [
      { value: 'wait', name: 'Wait', does: 'ten seconds more' },
      { value: 'kill', name: 'Kill it', does: 'SIGKILL: it cannot save anything' },
      { value: 'back', name: 'Back', does: 'to the other ways, leaving it to end or not' },
    ],
    voice,
  );
}

/** Sends it to this very process, never to a later one of the same id. False when the process has ended. */
export function sendSignal(
  program: Process,
  signal: NodeJS.Signals,
  { proc = '/proc', kill = process.kill.bind(process) as (pid: number, signal: NodeJS.Signals) => void } = {},
): boolean {
  if (isGone(program, proc)) return false;
  kill(program.pid, signal);
  return true;
}

function isGone({ pid, startTime }: Process, proc = '/proc'): boolean {
  const status = readStatus(pid, proc);
  return status === undefined || isDead(status) || readStartTime(pid, proc) !== startTime;
}

const PATIENCE = 10_000; // milliseconds
const TICK = 50;

/** Rejects with an AbortError on Ctrl-C. */
async function waitUntil(done: () => boolean, message: string, { stream }: Voice): Promise<boolean> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.on('SIGINT', interrupt);
  const spinner = spin(message, stream); // last, as it hides the cursor
  try {
    for (let waited = 0; waited < PATIENCE; waited += TICK) {
      if (done()) return true;
      await delay(TICK, undefined, { signal: interrupted.signal });
    }
    return done();
  } finally {
    process.off('SIGINT', interrupt);
    spinner.stop();
  }
}

/** The plan that starts the program as the tool's child. The program's words follow the tool's own. */
export function planRelaunch(
  { tool, words, surroundings }: Pick<Refusal, 'tool' | 'words' | 'surroundings'>,
  running: RunningProgram,
  person: Environment,
): Plan {
  const { file, args, cwd, umask, limits } = running;
  const place = { cwd, ...(umask === undefined ? {} : { umask }), limits };
  const { variables, environment, env } = divide(tool, running.environment, person);
  if (tool.passage) {
    return { words: tool.relaunch!(words, { file, args, env }, surroundings), environment, ...place };
  }
  return {
    words: tool.relaunch!(words, { file, args, env, launcher: LAUNCHER }, surroundings),
    // gdb starts programs through SHELL, and not every shell is a POSIX one.
    environment: new Map([...renderLauncher(place, variables), ['SHELL', '/bin/sh']]),
  };
}

type Environment = ReadonlyMap<string, string>;

/** Who sets which variable for the program. */
interface Division {
  /** The launcher, where the tool has one: all that differs. */
  readonly variables: Variable[];
  /** The shell that becomes the tool, so that the tool has it as well. */
  readonly environment: Map<string, string | undefined>;
  /** The tool, told by its words. */
  readonly env: Map<string, string | undefined>;
  /** Nobody. */
  readonly lost: string[];
}

function divide(tool: Tool, program: Environment, person: Environment): Division {
  const division: Division = { variables: [], environment: new Map(), env: new Map(), lost: [] };
  const names = new Set([...person.keys(), ...program.keys(), ...SET_ON_THE_WAY]);
  for (const name of names) {
    const [its, own] = [program.get(name), person.get(name)];
    if (its === own && !SET_ON_THE_WAY.has(name)) continue;
    if (!isExportable(name)) {
      if (its !== undefined) division.lost.push(name);
    } else if (!tool.passage) {
      const tools = SET_ON_THE_WAY.has(name) ? {} : { tool: own };
      division.variables.push({ name, program: its, ...tools });
    } else if (tool.passage(name) === 'environment') {
      division.environment.set(name, its);
    } else if (tool.passage(name) === 'words') {
      division.env.set(name, its);
    } else {
      if (own !== undefined) division.env.set(name, undefined);
      if (its !== undefined) division.lost.push(name);
    }
  }
  return division;
}

/** By the shells on the way, or by gdb for its programs (LINES, COLUMNS); a shell has an IFS of its own in any case. */
const SET_ON_THE_WAY = new Set(['COLUMNS', 'IFS', 'LINES', 'OLDPWD', 'PWD', 'SHELL', 'SHLVL', '_']);
