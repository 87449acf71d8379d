/**
 * Runs commands in the test VM, as root or as whoever the command line makes of it, for the tests on the host.
 *
 * Speaks JSON, one message to a line, over a virtio-serial port. Each request has an `id` that the answers repeat:
 *
 *     {id, do: 'hello'}                                  → {id, hello: true}, after ending what earlier clients left
 *     {id, do: 'start', argv, env, cwd, stdin, hold}     → {id, pid}, then {id, out}, {id, err} …, {id, exit}
 *     {id, do: 'write', to, data, end}                   → {id}: to the stdin of the command that `to` started
 *     {id, do: 'kill', pid, signal}                      → {id}
 *     {id, do: 'readFile', path}                         → {id, data}
 *     {id, do: 'writeFile', path, data, uid}             → {id}
 *
 * and any of them → {id, error}. Bytes travel in base64.
 */
import { spawn } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const port = await open(process.argv[2], 'r+');
const running = new Map();
let written = Promise.resolve();

const verbs = { hello, start, write, kill, readFile, writeFile };

let rest = '';
const buffer = Buffer.alloc(1 << 16);
for (;;) {
  const { bytesRead } = await port.read(buffer, 0, buffer.length, null);
  if (bytesRead === 0) await sleep(20); // no client on the host's side just now
  const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
  rest = lines.pop();
  for (const line of lines) receive(line);
}

function receive(line) {
  let request;
  try {
    request = JSON.parse(Buffer.from(line, 'latin1').toString());
  } catch {
    return; // the end of a line that a client did not live to finish
  }
  try {
    verbs[request.do](request);
  } catch (error) {
    send({ id: request.id, error: error.message });
  }
}

/** Writes are queued: a message must not be cut in two by another. */
function send(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  written = written.then(async () => {
    for (let sent = 0; sent < bytes.length; ) sent += (await port.write(bytes, sent)).bytesWritten;
  });
}

/** Every client finds a machine with nobody logged in. */
function hello({ id }) {
  for (const child of running.values()) end(-child.pid);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if ([2000, 2001].includes(statSync(`/proc/${pid}`).uid) || isSetuidOf(pid)) end(Number(pid));
    } catch {} // gone
  }
  send({ id, hello: true });
}

/** Tells a process that an ordinary user started and that became somebody else by its set-uid bit. */
function isSetuidOf(pid) {
  return /^Uid:\t200[01]\t/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // gone
}

function start({ id, argv, env, cwd, stdin, hold }) {
  // Detached is a session of its own: no controlling terminal, and one group to kill.
  const child = spawn(argv[0], argv.slice(1), {
    env,
    cwd,
    detached: true,
    stdio: stdin || hold ? 'pipe' : ['ignore', 'pipe', 'pipe'],
  });
  child.on('error', (error) => send({ id, error: error.message }));
  if (child.pid === undefined) return;
  running.set(id, child);
  send({ id, pid: child.pid });
  child.stdout.on('data', (bytes) => send({ id, out: bytes.toString('base64') }));
  child.stderr.on('data', (bytes) => send({ id, err: bytes.toString('base64') }));
  child.stdin?.on('error', () => {}); // a command need not read it
  if (stdin) child.stdin.write(Buffer.from(stdin, 'base64'));
  if (!hold) child.stdin?.end();
  // Not 'close': a daemon that keeps the pipes must not keep the test.
  child.on('exit', async (status, signal) => {
    running.delete(id);
    await drained(child);
    send({ id, exit: { status, signal } });
  });
}

/** Resolves when all output has been read, or soon after when some other process holds the pipes open. */
function drained(child) {
  const closed = new Promise((resolve) => child.once('close', resolve));
  return Promise.race([closed, sleep(300)]);
}

function write({ id, to, data, end }) {
  const { stdin } = running.get(to);
  stdin.write(Buffer.from(data, 'base64'));
  if (end) stdin.end();
  send({ id });
}

function kill({ id, pid, signal }) {
  process.kill(pid, signal);
  send({ id });
}

function readFile({ id, path }) {
  send({ id, data: readFileSync(path).toString('base64') });
}

function writeFile({ id, path, data, uid }) {
  writeFileSync(path, Buffer.from(data, 'base64'));
  if (uid !== 0) chownSync(path, uid, uid);
  send({ id });
}
