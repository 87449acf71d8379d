import { closeSync, openSync, readSync } from 'node:fs';
import which from 'which';
import type { ToolName } from '../tools/tool.ts';

/** One executable that typing a tool's name could reach. */
export interface Found {
  readonly path: string;
  /** It is a shim: ours, or another installed copy. */
  readonly shim: boolean;
}

/** Every executable of that name in `path`, the first being the one that typing the name runs. */
export function findInPath(tool: ToolName | 'ptrace-shim', path = process.env.PATH): Found[] {
  const files = which.sync(tool, { all: true, nothrow: true, ...(path === undefined ? {} : { path }) }) ?? [];
  return files.map((file) => ({ path: file, shim: isShim(file) }));
}

/** The executable that a shim hands over to. */
export function findRealTool(tool: ToolName, path?: string): string | undefined {
  return findInPath(tool, path).find(({ shim }) => !shim)?.path;
}

const MARK = '#!/bin/sh\n# ptrace-shim: stands before a tracer in PATH and hands over to it\n';

/** Does the file begin as `shims/shim` does? It knows its copies in the same way. */
export function isShim(file: string): boolean {
  const start = Buffer.alloc(MARK.length);
  try {
    const fd = openSync(file, 'r');
    try {
      readSync(fd, start);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
  return start.toString('latin1') === MARK;
}
