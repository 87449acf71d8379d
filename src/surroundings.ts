import { readdirSync } from 'node:fs';
import type { Surroundings } from './tools/tool.ts';

/** The surroundings we run in ourselves. */
export function readSurroundings(): Surroundings {
  return { env: process.env, list: listDirectory };
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
