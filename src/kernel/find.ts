import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { readComm, readWords } from './process.ts';

/** The processes that go by this name: their comm, or the file name of their argv[0]. Ourselves left out; in order of pid. */
export function findProcesses(name: string, proc = '/proc'): number[] {
  return readdirSync(proc)
    .filter((entry) => /^[0-9]+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && isCalled(pid, name, proc))
    .sort((a, b) => a - b);
}

function isCalled(pid: number, name: string, proc: string): boolean {
  if (readComm(pid, proc)?.toString('utf8') === name) return true;
  const first = readWords(pid, proc)[0]?.toString('utf8');
  return first !== undefined && basename(first) === name;
}
