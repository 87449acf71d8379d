/**
 * For a night: the storm, the permissions, the attaches, the fuzzing of both helpers and the comparison of the recognisers
 * with the real tools, again and again with another seed (the attaches draw nothing), on this machine's userland and on
 * today's:
 *
 *     npm run soak [-- --hours N] [--seed N]
 *
 * begins nothing new after 8 hours, or N; Ctrl-C ends it at once. It ends with a table. What failed leaves two files in
 * soak/: what it said, and a script that does it again.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { execa } from 'execa';
import { buildUserland, SUITES } from '../vm/harness/userland.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** A command that draws by SEED. */
interface Load {
  name: string;
  command: string;
  runs: number;
  failed: string[];
  minutes: number;
}

const TODAY = SUITES[0];
const storm = (options: string) => `npx tsx test/storm/run.ts ${options} --seed "$SEED"`;
const IN_A_MACHINE = {
  'windows, each with a kill': storm('--windows 30'),
  'windows, without systemd': storm('--windows 30 --no-systemd'),
  'argument lists for a window': storm('--fuzz --lists 500'),
  permissions: storm('--permits 3'),
  'argument lists for a permission': storm('--permits 10 --fuzz --lists 500'),
  'attaches, watched by intruders': storm('--attaches 8'),
};
const loads: Load[] = [
  ['command lines, as the real tools read them', 'RUNS=500 npx vitest run test/tools/differential.test.ts'],
  ...Object.entries(IN_A_MACHINE),
  ...Object.entries(IN_A_MACHINE).map(([name, command]) => [
    `${name}, on ${TODAY}`,
    `PTRACE_SHIM_USERLAND=${TODAY} ${command}`,
  ]),
].map(([name, command]) => ({ name: name!, command: command!, runs: 0, failed: [], minutes: 0 }));

const end = Date.now() + Number(values.hours) * 3_600_000;
if (Number.isNaN(end)) throw new Error(`${values.hours} is no number of hours`);
const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
await buildUserland(TODAY);
for (let seed = Number(values.seed); isOn(); seed++) {
  for (const load of loads) if (isOn()) await run(load, seed);
}
printTable();
process.exitCode = loads.some(({ failed }) => failed.length > 0) ? 1 : 0;

function isOn(): boolean {
  return Date.now() < end && !interrupted.signal.aborted;
}

async function run(load: Load, seed: number): Promise<void> {
  const start = Date.now();
  const { failed, all } = await execa('sh', ['-c', load.command], {
    env: { SEED: String(seed) },
    stdin: 'ignore',
    all: true,
    reject: false,
    cancelSignal: interrupted.signal,
  });
  if (interrupted.signal.aborted) return;
  load.runs++;
  load.minutes += (Date.now() - start) / 60_000;
  console.error(`${failed ? 'FAILED' : 'passed'}  seed ${seed}  ${load.name}`);
  if (failed) load.failed.push(await keep(load, seed, all));
}

/** Returns the name of the script that replays it. */
async function keep({ name, command }: Load, seed: number, said: string): Promise<string> {
  const file = `soak/${name.replaceAll(/\W+/g, '-')}-${seed}`;
  await mkdir('soak', { recursive: true });
  await writeFile(`${file}.log`, said);
  await writeFile(`${file}.sh`, `#!/bin/sh\n# ${name}\nexport SEED=${seed}\n${command}\n`);
  await chmod(`${file}.sh`, 0o755);
  return `${file}.sh`;
}

function printTable(): void {
  const table = new Table({
    head: ['load', 'runs', 'minutes', 'failed, and what replays it'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right'],
  });
  table.push(
    ...loads.map(({ name, runs, minutes, failed }) => [name, runs, minutes.toFixed(0), failed.join('\n')]),
  );
  console.log(String(table));
}
