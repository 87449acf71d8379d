import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { readSurroundings } from '../../src/surroundings.ts';
import type { Surroundings } from '../../src/tools/tool.ts';

/** A directory of its own with the compiled fixtures, and processes in it that end with it. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'tools-'));
  readonly target = join(this.directory, 'target');
  readonly #preload = join(this.directory, 'attach-log.so');
  #attempts = 0;
  readonly #children: ChildProcess[] = [];

  constructor() {
    const source = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
    execaSync('cc', ['-g', '-pthread', '-o', this.target, source('target.c')]);
    execaSync('cc', ['-shared', '-fPIC', '-w', '-o', this.#preload, source('attach-log.c'), '-ldl']);
  }

  /** Starts a program that waits, and answers once it has written something. */
  async start(file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<number> {
    const child = spawn(file, args, {
      cwd: this.directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#children.push(child);
    await new Promise((resolve, reject) => {
      child.once('error', reject).once('exit', reject);
      child.stdout!.once('data', resolve);
    });
    return child.pid!;
  }

  /** The processes that the real tool tried to attach to, every attempt refused, and what it said. */
  async attempts(tool: string, words: readonly string[], env: NodeJS.ProcessEnv = {}, timeout = 60_000) {
    // A log for each: what a tool has started may write for a moment after its end.
    const log = join(this.directory, `attach.log.${this.#attempts++}`);
    const running = execa(tool, words, {
      cwd: this.directory,
      env: { ...env, HOME: this.directory, LD_PRELOAD: this.#preload, ATTACH_LOG: log },
      stdio: ['ignore', 'ignore', 'pipe'],
      reject: false,
      timeout,
      killSignal: 'SIGKILL',
    });
    const { pid } = running;
    const { stderr, timedOut } = await running;
    if (timedOut) throw new Error(`${tool} ${words.join(' ')}: still running after ${timeout} ms`);
    const tried = readLines(log)
      .map(Number)
      .filter((tried) => tried > 0 && tried !== pid); // strace -D attaches to the process it was started as
    return { tried, stderr };
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    // Again where what a tool has started wrote meanwhile: rm(1) would complain of a directory that is not empty.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20 });
  }
}

/** The process that a thread belongs to; undefined when there is no such thread. */
export function processOf(thread: number): number | undefined {
  const status = readLines(`/proc/${thread}/status`).find((line) => line.startsWith('Tgid:'));
  return status === undefined ? undefined : Number(status.slice('Tgid:'.length));
}

export function surroundingsOf(env: Record<string, string | undefined> = {}): Surroundings {
  return { ...readSurroundings(), env };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
