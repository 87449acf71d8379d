import { InvalidArgumentError } from '../commander.ts';
import { Failure } from '../failure.ts';
import { findProcesses } from '../kernel/find.ts';
import { readStatus } from '../kernel/proc-status.ts';
import { readTarget, type Target } from '../kernel/target.ts';
import { renderHostile } from '../terminal.ts';

/** The ids that these ids and names stand for, each once. Throws a Failure where nothing has that name. */
export function findTargets(targets: readonly string[], proc = '/proc'): number[] {
  return [...new Set(targets.flatMap((target) => findTarget(target, proc)))];
}

/**
 * The same, but of the processes of a name only the person's own, where there are some: no other one can be asked to let
 * somebody in.
 */
export function findOwnTargets(
  targets: readonly string[],
  proc = '/proc',
  uid = process.geteuid?.(),
): number[] {
  const isOwn = (pid: number) => readStatus(pid, proc)?.uid.effective === uid;
  const found = targets.map((target) => findTarget(target, proc));
  return [...new Set(found.flatMap((pids) => (pids.some(isOwn) ? pids.filter(isOwn) : pids)))];
}

function findTarget(target: string, proc: string): number[] {
  if (/^[0-9]+$/.test(target)) return [Number(target)];
  const found = findProcesses(target, proc);
  if (found.length === 0) {
    throw new Failure(`no process that you can see is called ${renderHostile(target)}`, { help: 'ps -e' });
  }
  return found;
}

export function parsePid(text: string): number {
  if (!/^[0-9]+$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('Not a process id.');
  return Number(text);
}

/** The process that has this id now. Throws a Failure where there is none. */
export function identifyTarget(pid: number): Target {
  const target = readTarget(pid);
  if (target.status === undefined) throw new Failure(`no process has the id ${pid}`);
  return target;
}
