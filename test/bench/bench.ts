/**
 * `npm run bench`: what the shim costs, all measured in this run. Absolute times say what order to expect; the ratios
 * beside them are what holds on another machine. In the test VM everything is some ten times slower: it is emulated.
 */
import Table from 'cli-table3';
import { execa } from 'execa';
import { boot } from '../vm/harness/boot.ts';
import { CHECKOUT, PATH_WITH_SHIMS, TARGET, Vm } from '../vm/harness/vm.ts';
import { measureExposure, renderExposure } from './exposure.ts';
import { type Overhead, SHELLS, timeOthers, timeShim, timeTools } from './fast-path.ts';
import { median, ms, type RunScript, ratio, time } from './stopwatch.ts';

const BUILT = 'test/fixtures/built';
const shims = new URL('../../shims', import.meta.url).pathname;
const fixtures = new URL(`../../${BUILT}`, import.meta.url).pathname;
await execa('sh', [new URL('../fixtures/build.sh', import.meta.url).pathname]);
const here: RunScript = async (script) => (await execa('bash', ['-c', script])).stdout;

const booted = await boot();
const vm = await Vm.connect(booted.socket);
const there: RunScript = (script) => vm.read(['bash', '-c', script]);
try {
  const overheads = [];
  for (const shell of SHELLS) overheads.push(...(await timeShim(shell, shims, fixtures, '', here)));
  showOverheads('The fast path here, without Yama', [...overheads, ...(await timeOthers(here))]);
  const tools = await timeTools(shims, here);
  show(
    'Each tool here, with --version',
    ['', 'alone', 'through its shim', 'overhead', 'through ÷ alone'],
    tools.map(({ name, alone, through }) => [
      ...[name, ms(alone), ms(through), ms(through - alone)],
      ratio(through, alone),
    ]),
  );
  for (const scope of [0, 1] as const) {
    await vm.setScope(scope);
    const label = scope === 0 ? ', scope 0' : ', scope 1, no attach';
    const overheads = [];
    for (const shell of SHELLS) {
      const often = { rounds: 9, repeats: 20 };
      overheads.push(
        ...(await timeShim(shell, `${CHECKOUT}/shims`, `${CHECKOUT}/${BUILT}`, label, there, often)),
      );
    }
    showOverheads(`The fast path in the test VM, at scope ${scope}`, overheads);
  }
  await showVerdict();
  await showQuestion();
  console.log(
    `\nHow long the scope is lowered, in the test VM\n${renderExposure(await measureExposure(vm))}`,
  );
} finally {
  vm.close();
  await booted.stop();
}

/** The overhead beside that of the bare exec in the same group, which comes first. */
function showOverheads(title: string, overheads: readonly Overhead[]): void {
  let bare = 0;
  const rows = overheads.map(({ name, alone, through }) => {
    if (name.startsWith('only exec')) bare = through - alone;
    return [name, ms(alone), ms(through), ms(through - alone), ratio(through - alone, bare)];
  });
  show(title, ['', 'tool alone', 'through it', 'overhead', '÷ only exec'], rows);
}

/** From argv to a verdict, beside a Node that does nothing. */
async function showVerdict(): Promise<void> {
  const target = await vm.start([TARGET]);
  await target.waitFor('ready');
  const node = '/usr/bin/node';
  const preflight = `${node} ${CHECKOUT}/dist/preflight.js gdb /usr/bin/gdb $$ -p`;
  const times = await time(
    [
      { name: 'node -e 0', line: `${node} -e 0` },
      {
        name: 'ptrace-shim dry-run',
        line: `${node} ${CHECKOUT}/dist/main.js dry-run -- gdb -p ${target.pid}`,
      },
      { name: 'preflight, refused', line: `${preflight} ${target.pid} 3>&2` },
      { name: 'preflight, allowed', line: `${preflight} $$ 3>&2` },
      { name: 'ptrace-shim --help', line: `${node} ${CHECKOUT}/dist/main.js --help` },
    ],
    there,
    { rounds: 7, repeats: 3 },
  );
  const base = times.get('node -e 0')!;
  const rows = [...times].map(([name, value]) => [name, ms(value), ratio(value, base)]);
  show('From argv to verdict, in the test VM at scope 1', ['', 'time', '÷ node -e 0'], rows);
  await target.kill('SIGKILL');
}

/** From the Enter key to the question on the screen. */
async function showQuestion(): Promise<void> {
  const target = await vm.start([TARGET]);
  await target.waitFor('ready');
  const node = [];
  const asked = [];
  for (let round = 0; round < 5; round++) {
    node.push(await press('node -e "console.log(20 + 22)"', /^42$/m));
    asked.push(await press(`strace -p ${target.pid}`, 'navigate'));
  }
  const rows = [
    ['node prints a line', ms(median(node)), '1.00'],
    ['strace -p asks', ms(median(asked)), ratio(median(asked), median(node))],
  ];
  show('From the key press to the screen, in the test VM', ['', 'time', '÷ node'], rows);
}

async function press(line: string, wanted: string | RegExp): Promise<number> {
  const terminal = await vm.terminal({
    env: { PATH: PATH_WITH_SHIMS, PS1: '$ ', TERM: 'xterm-256color' },
    shell: ['/bin/bash', '--norc', '--noprofile'],
  });
  await terminal.type(line);
  await terminal.waitFor(line.slice(-10));
  const start = performance.now();
  await terminal.press('Enter');
  await terminal.waitFor(wanted, { timeout: 60_000 });
  const took = performance.now() - start;
  await terminal.press('C-c');
  await terminal.close();
  return took;
}

function show(title: string, head: string[], rows: string[][]): void {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
  });
  table.push(...rows);
  console.log(`\n${title}\n${table.toString()}`);
}
