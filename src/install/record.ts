import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeIfEmpty } from '../file-system.ts';
import { settingsFile } from '../settings.ts';
import { dataDirectory } from './places.ts';

/** What uninstall must know to leave a home as it was. */
export interface InstallRecord {
  /** Where links were put. */
  readonly directories: readonly string[];
  /** Directories that did not exist before, outermost first. */
  readonly absent: readonly string[];
}

const NOTHING: InstallRecord = { directories: [], absent: [] };

export function recordFile(): string {
  return join(dataDirectory(), 'installed.json');
}

/** Nothing, where there is none or it is broken: then the known places are searched, and no directory removed. */
export function readRecord(file = recordFile()): InstallRecord {
  try {
    const { directories, absent } = JSON.parse(readFileSync(file, 'utf8'));
    return { directories: strings(directories), absent: strings(absent) };
  } catch {
    return NOTHING;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Notes that links are about to be put into `dir`. Written first, so that an install that dies can be undone. */
export function addToRecord(dir: string, file = recordFile()): void {
  const { directories, absent } = readRecord(file);
  const missing = [dir, dirname(file), dirname(settingsFile())].flatMap(findMissing);
  mkdirSync(dirname(file), { recursive: true });
  write(file, {
    directories: [...new Set([...directories, dir])],
    absent: [...new Set([...absent, ...missing])].sort((a, b) => a.length - b.length),
  });
}

/** The path and the directories above it that do not exist. */
function findMissing(path: string): string[] {
  return existsSync(path) ? [] : [path, ...findMissing(dirname(path))];
}

/** Forgets these directories; with the last one the record goes, and every directory that was not there before. */
export function removeFromRecord(dirs: readonly string[], file = recordFile()): void {
  const { directories, absent } = readRecord(file);
  const rest = directories.filter((dir) => !dirs.includes(dir));
  if (rest.length > 0) {
    write(file, { directories: rest, absent });
    return;
  }
  rmSync(file, { force: true });
  for (const dir of [...absent].reverse()) removeIfEmpty(dir);
}

function write(file: string, record: InstallRecord): void {
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
}
