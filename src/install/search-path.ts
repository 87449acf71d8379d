import { closeSync, openSync, readSync } from 'node:fs';
import which from 'which';
import { listDirectory } from '../file-system.ts';
import { TOOL_NAMES } from '../tools/tool.ts';
import { toolOf } from '../tools/tools.ts';

/** One executable that typing a tool's name could reach. */
export interface Found {
  readonly path: string;
  /** It is a shim: ours, or another installed copy. */
  readonly shim: boolean;
}

/** Every executable of that name in `path`, the first being the one that typing the name runs. */
export function findInPath(tool: string, path = process.env.PATH): Found[] {
  const files = which.sync(tool, { all: true, nothrow: true, ...(path === undefined ? {} : { path }) }) ?? [];
  return files.map((file) => ({ path: file, shim: isShim(file) }));
}

/** The executable that a shim hands over to. */
export function findRealTool(tool: string, path?: string): string | undefined {
  return findInPath(tool, path).find(({ shim }) => !shim)?.path;
}

/** The commands in `path` that have a shim of ours, by the names that they have there: gdb, lldb, lldb-21. */
export function findCommands(path = process.env.PATH ?? ''): string[] {
  const files = path.split(':').flatMap((dir) => listDirectory(dir || '.'));
  const names = [...new Set(files)].filter((name) => toolOf(name) && findRealTool(name, path));
  const order = (name: string) => TOOL_NAMES.indexOf(toolOf(name)!.name);
  return names.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
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
