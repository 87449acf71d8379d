/**
 * How long the scope stays low when something dies, as root in the test VM:
 *
 *     node stays-low.mjs '[{"elevator": "pkexec", "systemd": true, "death": "keeper"}, …]'
 *
 * Each is a window of SECONDS for a tool that never attaches. Prints the milliseconds from "open" to the old value as a JSON
 * array; null where the scope is low after all, and then the next window raises it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const SECONDS = 3;
const CHECKOUT = '/opt/ptrace-shim';
const HELPER = `${CHECKOUT}/libexec/ptrace-scope-window`;
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const LIMIT = '/proc/sys/kernel/threads-max';
const AS_DEV = [`${CHECKOUT}/test/fixtures/built/become`, 'dev', '2000'];

const result = [];
for (const way of JSON.parse(process.argv[2])) result.push(await measure(way));
console.log(JSON.stringify(result));
process.exit();

async function measure({ elevator, systemd, death }) {
  const tool = spawn(AS_DEV[0], [...AS_DEV.slice(1), 'sleep', '300'], { stdio: 'ignore' });
  await sleep(100);
  const words = ['until=exit', `tracer=${tool.pid}:${startOf(tool.pid)}`, 'targets=-'];
  // pkexec executes the helper in its own place; sudo stays, and gives it a group and a terminal.
  const command = [HELPER, `seconds=${SECONDS}`, ...words];
  const argv = [
    ...(systemd ? [] : ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /run/systemd && exec "$@"', 'sh']),
    ...(elevator === 'sudo'
      ? [...AS_DEV, 'script', '-qefc', `sudo ${command.join(' ')}`, '/dev/null']
      : command),
  ];
  const front = spawn(argv[0], argv.slice(1), {
    env: { ...process.env, PKEXEC_UID: '2000' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  let said = '';
  front.stdout.on('data', (text) => {
    said += text;
  });
  await until(() => said.includes('armed'), 60_000);
  front.stdin.write('open\n');
  await until(() => readFileSync(SCOPE, 'latin1')[0] === '0', 60_000);
  const opened = uptime();
  const limit = strike(death, front.pid, tool.pid);
  const raised = await until(() => readFileSync(SCOPE, 'latin1')[0] === '1', (SECONDS + 12) * 1000);
  const took = uptime() - opened;
  if (limit !== undefined) writeFileSync(LIMIT, limit);
  writeFileSync(SCOPE, '1');
  for (const pid of keepers()) kill(pid, 'SIGKILL');
  kill(-front.pid, 'SIGKILL');
  kill(tool.pid, 'SIGKILL');
  // Its status is 5 where a unit ends by itself between the listing and the stop.
  spawnSync('systemctl', ['stop', 'ptrace-scope-window*']);
  writeFileSync('/run/ptrace-shim/state', '');
  return raised ? took : null;
}

function strike(death, front, tool) {
  const all = keepers();
  const keeper = all.find((pid) => sessionOf(pid) === pid);
  const guardian = all.find((pid) => pid !== keeper && link(`/proc/${pid}/fd/9`) !== '');
  switch (death) {
    case 'nothing':
      return;
    case 'tool':
      return kill(tool, 'SIGKILL');
    case 'elevator':
      return kill(
        readdirSync('/proc').find((pid) => read(`/proc/${pid}/comm`) === 'sudo\n') ?? front,
        'SIGKILL',
      );
    case 'keeper':
      return kill(keeper, 'SIGKILL');
    case 'keeper held up':
      return kill(keeper, 'SIGSTOP');
    case 'guardian':
      return kill(guardian, 'SIGKILL');
    case 'all':
      for (const pid of all) kill(pid, 'SIGSTOP');
      for (const pid of all) kill(pid, 'SIGKILL');
      return;
    case 'no forks': {
      const limit = readFileSync(LIMIT, 'latin1');
      writeFileSync(LIMIT, '20');
      return limit;
    }
  }
}

function keepers() {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).split('\0').includes('keep'))
    .map(Number);
}

function sessionOf(pid) {
  return Number(read(`/proc/${pid}/stat`).split(') ').pop().split(' ')[3]);
}

function startOf(pid) {
  return read(`/proc/${pid}/stat`).split(') ').pop().split(' ')[19];
}

function uptime() {
  return Math.round(Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000);
}

async function until(isTrue, patience) {
  const deadline = Date.now() + patience;
  while (!isTrue()) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function kill(pid, signal) {
  try {
    process.kill(Number(pid), signal);
  } catch {} // gone
}
