import { listDirectory } from './file-system.ts';
import { findProcesses } from './kernel/find.ts';
import type { Surroundings } from './tools/tool.ts';

/** The surroundings we run in ourselves. */
export function readSurroundings(): Surroundings {
  return { env: process.env, list: listDirectory, find: (name) => findProcesses(name) };
}
