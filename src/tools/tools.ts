import { austin } from './austin.ts';
import { dlv } from './dlv.ts';
import { euStack } from './eu-stack.ts';
import { gcore } from './gcore.ts';
import { gdb } from './gdb.ts';
import { gdbserver } from './gdbserver.ts';
import { gstack, pstack } from './gstack.ts';
import { heaptrack } from './heaptrack.ts';
import { lldb } from './lldb.ts';
import { ltrace } from './ltrace.ts';
import { memray } from './memray.ts';
import { pySpy } from './py-spy.ts';
import { rbspy } from './rbspy.ts';
import { reptyr } from './reptyr.ts';
import { scanmem } from './scanmem.ts';
import { strace } from './strace.ts';
import type { Tool, ToolName } from './tool.ts';
import { vgdb } from './vgdb.ts';

/** Every tool that has a shim. */
export const tools: Readonly<Record<ToolName, Tool>> = {
  gdb,
  strace,
  'eu-stack': euStack,
  vgdb,
  gcore,
  gstack,
  pstack,
  gdbserver,
  lldb,
  ltrace,
  dlv,
  reptyr,
  austin,
  scanmem,
  heaptrack,
  'py-spy': pySpy,
  rbspy,
  memray,
};

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

/** The tool that a command is, which a distribution may have given a version or `multiarch`: lldb-21, gdb-multiarch. */
export function toolOf(command: string): Tool | undefined {
  const name = command.replace(/-(\d[\d.]*|multiarch)$/, '');
  return isToolName(name) ? tools[name] : undefined;
}
