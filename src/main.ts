#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { buildProgram } from './command-line.ts';
import { isEnded, isFailure } from './failure.ts';

/** `ptrace-shim`: argv in, exit status out. The one place that catches, and that sets the exit status. */
process.stdout.on('error', leaveUnread);
try {
  const program = await buildProgram(version(), process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (isEnded(error)) return error.status;
  if (isFailure(error)) {
    const help = error.help ? `\n  help: ${error.help}` : '';
    process.stderr.write(`ptrace-shim: ${error.message}${help}\n`);
    return error.status;
  }
  if (error instanceof Error && error.name === 'ExitPromptError') return 130; // Ctrl-C at a question
  console.error(error);
  return 70;
}

/** Who reads us may have had enough, as head(1). */
function leaveUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
