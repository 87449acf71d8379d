import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEGABYTE = 1_000_000;
const STRUCTURES = 8_000;

/**
 * A program with at least so many megabytes of debug information, at `path`; made when it is not there. One object file
 * of static functions is linked again and again: none of its names is seen by the linker, and all of them by gdb.
 */
export function buildLargeProgram(path: string, megabytes: number): void {
  if (existsSync(path) && sizeOfDebugInformation(path) >= megabytes * MEGABYTE) return;
  const folder = mkdtempSync(`${path}.`);
  const cc = (...words: string[]) => execFileSync('cc', words, { cwd: folder, maxBuffer: 1 << 26 });
  try {
    writeFileSync(join(folder, 'unit.c'), renderUnit());
    writeFileSync(join(folder, 'main.c'), MAIN);
    cc('-g3', '-O0', '-w', '-c', 'unit.c', 'main.c');
    const copies = Math.ceil((megabytes * MEGABYTE) / sizeOfDebugInformation(join(folder, 'unit.o')));
    cc('-g3', '-o', 'large', 'main.o', ...Array(copies).fill('unit.o'));
    execFileSync('mv', [join(folder, 'large'), path]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Structures with members of each other's types, and a function that uses each. */
function renderUnit(): string {
  const members = Array.from({ length: 12 }, (_, index) => `int member_${index};`).join(' ');
  return Array.from(
    { length: STRUCTURES },
    (_, index) => `
struct structure_${index} { ${members} struct structure_${Math.max(0, index - 1)} *next; };
#define FIELD_${index}(s) ((s)->member_${index % 12})
__attribute__((used)) static int function_${index}(struct structure_${index} *s) { int sum = FIELD_${index}(s); return sum; }`,
  ).join('');
}

const MAIN = `#include <stdio.h>
#include <unistd.h>
int main(void) { printf("ready %d\\n", getpid()); fflush(stdout); for (;;) pause(); }
`;

/** Bytes in the sections named .debug_*, which the linker copies; .debug_str it merges into one. */
export function sizeOfDebugInformation(path: string): number {
  const sections = execFileSync('readelf', ['-SW', path], { encoding: 'utf8' });
  return [...sections.matchAll(/ (\.debug_\w+) +\S+ +\S+ +\S+ +([0-9a-f]+)/g)]
    .filter(([, name]) => name !== '.debug_str')
    .reduce((sum, [, , size]) => sum + Number.parseInt(size!, 16), 0);
}
