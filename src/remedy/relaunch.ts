import { setTimeout as delay } from 'node:timers/promises';
import { isExportable, type Plan } from '../handover/plan.ts';
import { isDead } from '../kernel/facts.ts';
import { readStartTime } from '../kernel/stat.ts';
import { readStatus } from '../kernel/status.ts';
import type { Program } from '../tools/tool.ts';
import type { RunningProgram } from './program.ts';
import type { Refusal } from './refusal.ts';
import type { Voice } from './speak.ts';
import { spin } from './spinner.ts';

/** Asks what becomes of the running one, ends it if so wished, and plans to start it again as the tool's child. */
export async function relaunch(
  refusal: Refusal,
  program: RunningProgram,
  voice: Voice,
): Promise<Plan | undefined> {
  const { pid, remarks } = program;
  const lost = [...program.environment.keys()].filter((name) => !isExportable(name));
  const { chooseStop } = await import('./choose.ts');
  const answer = await chooseStop(
    pid,
    [
      ...remarks,
      'the new one reads and writes this terminal, wherever the old one did',
      ...(lost.length === 0 ? [] : [`a shell cannot carry over these variables: ${lost.join(', ')}`]),
    ],
    voice,
  );
  if (answer === 'back') return undefined;
  if (answer === 'stop' && !(await stop(pid, voice))) return undefined;
  return planRelaunch(refusal, program);
}

/** Ends `pid`: SIGTERM, and SIGKILL only when the person says so. False when it lives on. */
async function stop(pid: number, voice: Voice): Promise<boolean> {
  const started = readStartTime(pid);
  const isGone = () => {
    const status = readStatus(pid);
    return status === undefined || isDead(status) || readStartTime(pid) !== started;
  };
  let signal: NodeJS.Signals = 'SIGTERM';
  for (;;) {
    if (isGone()) return true;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (isGone()) return true;
      voice.say(`ptrace-shim: cannot stop ${pid}: ${(error as NodeJS.ErrnoException).code}`);
      return false;
    }
    if (await waitUntil(isGone, `waiting for ${pid} to end`, voice)) return true;
    const { chooseKill } = await import('./choose.ts');
    const answer = await chooseKill(pid, voice);
    if (answer === 'back') return false;
    signal = answer === 'kill' ? 'SIGKILL' : 'SIGTERM';
  }
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

/**
 * The plan that starts the program as the tool's child: directory, environment, mask and limits are set by the shell, so
 * that none of it shows in a command line, and its words follow the tool's own.
 */
export function planRelaunch({ tool, words, surroundings }: Refusal, running: RunningProgram): Plan {
  const { environment, umask } = running;
  const change = new Map<string, string | undefined>();
  const own = new Map<string, string | undefined>(
    SET_ON_THE_WAY.map((name) => [name, environment.get(name)]),
  );
  for (const name of new Set([...Object.keys(surroundings.env), ...environment.keys()])) {
    if (!isExportable(name)) continue;
    const value = environment.get(name);
    if (!belongsToTool(name)) change.set(name, value);
    else if (value !== surroundings.env[name]) own.set(name, value);
  }
  change.set('SHELL', '/bin/sh'); // gdb starts programs through it, and not every shell is a POSIX one
  const program: Program = { file: running.file, args: running.args, env: own };
  return {
    words: tool.relaunch!(words, program, surroundings),
    environment: change,
    cwd: running.cwd,
    ...(umask === undefined ? {} : { umask }),
    limits: running.limits,
  };
}

/** Set by the shells on the way, or by gdb (LINES, COLUMNS): the tool is told to put them right for the program. */
const SET_ON_THE_WAY = ['LINES', 'COLUMNS', 'OLDPWD', 'PWD', 'SHELL', 'SHLVL', '_'];

/**
 * Does the tool need its own value? How it draws on this terminal, what it loads itself (a library or a Python path meant
 * for the program would be loaded into gdb), where it finds debug information.
 */
function belongsToTool(name: string): boolean {
  return (
    SET_ON_THE_WAY.includes(name) ||
    /^(TERM|COLORTERM|NO_COLOR|(LD|PYTHON|MALLOC|DEBUGINFOD|PTRACE_SHIM)(_.*)?)$/.test(name)
  );
}
