/**
 * What takes too long for every run of the tests, in a VM of its own:
 *
 *     npm run storm -- [--windows N] [--no-systemd] [--fuzz] [--lists N] [--seed N]
 *     npm run storm -- --permits N [--kill] [--fuzz] [--lists N] [--seed N]
 *     npm run storm -- --attaches N
 *
 * opens 300 windows and kills a part of each, where nothing of systemd is to be seen if so wished; or with --fuzz calls the
 * helper with 10,000 argument lists. With --permits it does the same to the other helper: N permissions to each kind of
 * worker, N with a kill -9 at a random moment; with --fuzz the lists, and N races with a process that becomes another's.
 * With --attaches, N tools attach by a permission while programs try to get in.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { bootVm } from '../vm/harness/boot.ts';
import { attaches } from './attaches.ts';
import { fuzz } from './fuzz.ts';
import { fuzzPermits, permits, WORKERS } from './permits.ts';
import { storm } from './storm.ts';

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '300' },
    'no-systemd': { type: 'boolean', default: false },
    permits: { type: 'string' },
    attaches: { type: 'string' },
    kill: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
    lists: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const report = (line: string) => console.error(line);

console.log(`seed ${seed}`);
const { vm, stop } = await bootVm();
try {
  if (values.attaches !== undefined) {
    const { attaches: count, attached, seen } = await attaches(vm, Number(values.attaches));
    console.log(`${count} attaches, ${attached} attached`);
    for (const text of seen) console.log(text);
    process.exitCode = Math.min(seen.length, 1);
  } else if (values.permits !== undefined && values.fuzz) {
    const plan = { lists: Number(values.lists), races: Number(values.permits), seed };
    const { lists, races, answers, calls, offences } = await fuzzPermits(vm, plan);
    printTable(['answer', 'lists'], Object.entries(answers));
    console.log(`${lists} argument lists, ${races} races, ${calls} calls made by targets`);
    for (const offence of offences) console.log(offence);
    process.exitCode = Math.min(offences.length, 1);
  } else if (values.permits !== undefined) {
    const plan = { permits: Number(values.permits), kill: values.kill };
    for (const [index, worker] of WORKERS.entries()) {
      const [one] = await permits(vm, { ...plan, workers: [worker], seed: seed + index });
      console.log(JSON.stringify(one));
      if (one!.wrong.length > 0) process.exitCode = 1;
    }
  } else if (values.fuzz) {
    const { lists, opened, traced, answers } = await fuzz(vm, { lists: Number(values.lists), seed, report });
    printTable(['answer', 'lists'], Object.entries(answers));
    console.log(`${lists} argument lists, ${traced} under strace; ${opened} opened a window as they may`);
  } else {
    const { windows, opened, attached, hits } = await storm(vm, {
      windows: Number(values.windows),
      seed,
      systemd: !values['no-systemd'],
      report,
    });
    printTable(['killed', 'windows'], [...hits]);
    console.log(
      `${windows} windows, ${opened} opened, ${attached} tools got through; the scope is what it was`,
    );
  }
} finally {
  vm.close();
  await stop();
}

function printTable(head: string[], rows: [string, number][]): void {
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  table.push(...rows.sort(([, a], [, b]) => b - a));
  console.log(String(table));
}
