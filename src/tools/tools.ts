import { euStack } from './eu-stack.ts';
import { gdb } from './gdb.ts';
import { strace } from './strace.ts';
import type { Tool, ToolName } from './tool.ts';
import { vgdb } from './vgdb.ts';

/** Every tool that has a shim. */
export const tools: Readonly<Record<ToolName, Tool>> = { gdb, strace, 'eu-stack': euStack, vgdb };

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}
