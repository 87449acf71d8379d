/**
 * One wave of the storm, as root in the test VM: opens windows as people do, by typing the tool's name at a terminal,
 * and kills a part of each at a moment of its life. See ../storm.ts, which draws the waves.
 *
 *     node storm.mjs '{"scope": 1, "windows": [{"command": "strace -p TARGET", "from": "start", "after": 300, "luck": 0.4}]}'
 *
 * Prints one JSON line: what was hit of each window, whether it opened, the scope in the end, and how many were recorded.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const CHECKOUT = '/opt/ptrace-shim';
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const RUN = '/run/ptrace-shim';

const wave = JSON.parse(process.argv[2]);
attempt(() => rmSync(`${RUN}/record`));
const windows = await Promise.all(wave.windows.map(weather));
const settled = await waitUntil(() => readScope() === wave.scope && read(`${RUN}/state`) === '', 10_000);
const recorded = read(`${RUN}/record`).split('\n').length - 1;
console.log(
  JSON.stringify({ settled, scope: readScope(), left: read(`${RUN}/state`) !== '', recorded, windows }),
);
process.exit();

/** One window from the typed line to the end of all that it started. */
async function weather({ command, from, after, luck }) {
  const target = start([
    `${CHECKOUT}/test/fixtures/built/target`,
    ...(luck < 0.5 ? ['sleep'] : ['threads', '5']),
  ]);
  await new Promise((resolve) => target.stdout.once('data', resolve));
  // script(1) is the terminal.
  const typed = `exec ${command.replaceAll('TARGET', target.pid)}`;
  const terminal = start(['script', '-qfec', typed, '/dev/null']);
  const gone = new Promise((resolve) => terminal.once('exit', resolve));
  await waitUntil(() => childrenOf(terminal.pid).length > 0, 10_000);
  const [shim] = childrenOf(terminal.pid);

  let opened = false;
  const isAttached = () => /^TracerPid:\t[1-9]/m.test(read(`/proc/${target.pid}/status`));
  const watcher = setInterval(() => (opened ||= isOpen(shim)), 5);
  // It waits for the others, each of which may last until its deadline.
  if (from === 'open') await waitUntil(() => opened || isAttached(), 60_000);
  await sleep(after);
  const alive = Object.entries(parts(shim));
  const [hit, pid] = after < 0 ? [] : (alive[Math.floor(luck * alive.length)] ?? []);
  if (pid !== undefined) kill(pid, 'SIGKILL');

  // The window ends by itself, at its deadline at the latest; what then still waits for an answer is hung up.
  await waitUntil(() => hit !== undefined || opened || isAttached(), 60_000);
  for (let quiet = 0; quiet < 15; quiet++) {
    const { front, keeper, guardian } = parts(shim);
    if (front ?? keeper ?? guardian) quiet = 0;
    await sleep(100);
  }
  clearInterval(watcher);
  const attached = isAttached();
  for (const rest of [...Object.values(parts(shim)), shim, terminal.pid, target.pid]) kill(rest, 'SIGKILL');
  await gone;
  return { hit: hit ?? 'none', opened, attached };
}

/** The processes that make up a window now, by name. */
function parts(shim) {
  const found = {};
  const exe = link(`/proc/${shim}/exe`);
  if (exe !== '') found[/\/(strace|gdb|eu-stack)$/.test(exe) ? 'tool' : 'shim'] = shim;
  const helpers = [];
  for (const pid of list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const words = read(`/proc/${pid}/cmdline`).split('\0');
    if (words.some((word) => word.startsWith(`tracer=${shim}:`))) {
      if (/^(pkexec|sudo)$/.test(read(`/proc/${pid}/comm`).trim())) found.elevator = pid;
      else helpers.push(pid);
    } else if (words[1]?.endsWith('/dist/preflight.js') && words[4] === String(shim)) found.preflight = pid;
    else if (words.at(-1)?.includes(`/ptrace-shim-window.${shim}.`)) found.gate = pid;
  }
  // What pkexec or sudo has started waits for the keeper, which leads a session; the guardian has the lock as well.
  const front = helpers.find((pid) => !isKept(pid));
  const keeper = helpers.find((pid) => isKept(pid) && sessionOf(pid) === pid);
  const guardian = helpers.find((pid) => pid !== keeper && isKept(pid) && link(`/proc/${pid}/fd/9`) !== '');
  const other = helpers.findLast((pid) => ![front, keeper, guardian].includes(pid));
  const named = Object.entries({ front, keeper, guardian, other });
  return { ...found, ...Object.fromEntries(named.filter(([, pid]) => pid !== undefined)) };
}

function isKept(pid) {
  return read(`/proc/${pid}/cmdline`).split('\0').includes('keep');
}

function sessionOf(pid) {
  return Number(read(`/proc/${pid}/stat`).split(') ').pop().split(' ')[3]);
}

/** The state names the keeper. It takes but two reads: a window may be shorter than a walk through /proc. */
function isOpen(shim) {
  const [, , , keeper] = read(`${RUN}/state`).split(' ');
  return keeper !== undefined && read(`/proc/${keeper.split(':')[0]}/cmdline`).includes(`tracer=${shim}:`);
}

function start([file, ...args]) {
  return spawn(`${CHECKOUT}/test/fixtures/built/become`, ['dev', '2000', file, ...args], {
    env: {
      HOME: '/home/dev',
      USER: 'dev',
      LANG: 'C.UTF-8',
      TERM: 'xterm',
      PATH: `${CHECKOUT}/shims:/usr/local/bin:/usr/bin:/bin`,
      PTRACE_SHIM_ON_REFUSAL: 'window',
    },
    cwd: '/home/dev',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

function childrenOf(pid) {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

async function waitUntil(isTrue, patience) {
  const deadline = Date.now() + patience;
  while (!isTrue()) {
    if (Date.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}

function readScope() {
  return Number(read(SCOPE));
}

function read(path) {
  return attempt(() => readFileSync(path, 'latin1'), '');
}

function link(path) {
  return attempt(() => readlinkSync(path), '');
}

function list(path) {
  return attempt(() => readdirSync(path), []);
}

function kill(pid, signal) {
  attempt(() => process.kill(pid, signal));
}

/** Processes come and go while we look. */
function attempt(act, otherwise) {
  try {
    return act();
  } catch {
    return otherwise;
  }
}
