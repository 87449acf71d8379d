import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { TRUSTED } from './elevator.ts';

/**
 * Registers a text agent for our process, which is the one that pkexec asks polkit about: pkexec's own fails before
 * polkit 125 ("No session for cookie"). It goes when we go, and leaves the terminal to the tool.
 */
export async function startAgent(): Promise<ChildProcess | undefined> {
  const path = TRUSTED.map((folder) => `${folder}/pkttyagent`).find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const words = [path, '--process', String(process.pid), '--notify-fd', '3'];
  const [file, ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', ...words] : words;
  const agent = spawn(file!, args, { stdio: ['inherit', 'ignore', 'ignore', 'pipe'] });
  agent.on('error', () => {});
  agent.unref();
  const ready = agent.stdio[3] as Duplex;
  ready.resume();
  await once(ready, 'close'); // closed when registered, or when it has failed
  return agent;
}

const SETPRIV = '/usr/bin/setpriv';
