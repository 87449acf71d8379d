#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { buildProgram, findWanted } from './command-line.ts';
import { CommanderError } from './commander.ts';
import { isEnded, isFailure } from './failure.ts';

/** `ptrace-shim`: argv in, exit status out. The one place that catches, and that sets the exit status. */
process.on('uncaughtException', (error) => process.exit(report(error)));
buildProgram(version(), findWanted(process.argv.slice(2)))
  .then((program) => program.parseAsync())
  .catch((error) => {
    process.exitCode = report(error);
  });

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (isEnded(error)) return error.status;
  if (isFailure(error)) {
    const help = error.help ? `\n  help: ${error.help}` : '';
    process.stderr.write(`ptrace-shim: ${error.message}${help}\n`);
    return error.status;
  }
  if (error instanceof Error && error.name === 'ExitPromptError') return 130; // Ctrl-C at a question
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0; // who reads us has had enough, as head(1)
  console.error(error);
  return 70;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
