/**
 * Calls the window's helper with argument lists, as root in the test VM; see ../fuzz.ts, which draws them.
 *
 *     node fuzz.mjs <<< '[{"words": ["targets=…", …], "right": true, "scope": 1, "traced": true}, …]'
 *
 * After each call comes a look at the scope. A traced one runs under strace, which tells of each file that it opens for
 * writing, makes, renames or removes, and of each write to the sysctl. In the end all that can be written is looked at.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const HELPER = '/opt/ptrace-shim/libexec/ptrace-scope-window';
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const LOG = '/tmp/fuzz.strace';

const CALLS =
  'open,openat,openat2,creat,write,writev,pwrite64,truncate,ftruncate,rename,renameat,renameat2,unlink,unlinkat,' +
  'mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,fchownat';

/** The helper's own files, its own process's, and what logger and the shell need for talking. */
const OURS =
  /^(\/run\/ptrace-shim(\/.*)?|\/proc\/self\/(timerslack_ns|oom_score_adj|autogroup)|\/sys\/fs\/cgroup\/(unified\/)?cgroup\.procs|\/dev\/(null|log|tty))$/;

const lists = JSON.parse(readFileSync(0, 'utf8'));
const result = { lists: lists.length, opened: 0, traced: 0, answers: {}, offences: [] };

execFileSync('mkdir', ['-p', '/run/ptrace-shim']);
writeFileSync('/tmp/fuzz.marker', '');
for (const { words, right, scope, traced } of lists) {
  writeFileSync(SCOPE, String(scope));
  const said = await call(words, traced);
  const answer = said.split('\n')[0].replace(/\d+/g, 'N');
  result.answers[answer] = (result.answers[answer] ?? 0) + 1;
  const opened = /^open$/m.test(said);
  result.opened += Number(opened);
  const now = Number(readFileSync(SCOPE, 'utf8'));
  if (now !== scope) offend(`the scope is ${now} and was ${scope}`, words);
  if (opened && !right) offend('a window opened', words);
  if (traced) judgeTrace(String(scope), words);
}
for (const path of changedFiles()) offend(`${path} was changed`, []);
writeFileSync(SCOPE, '1');
console.log(JSON.stringify(result));
process.exit();

function offend(what, words) {
  result.offences.push(`${what}: ${JSON.stringify(words)}`);
}

function call(words, traced) {
  if (traced) rmSync(LOG, { force: true });
  const argv = [
    ...(traced ? ['strace', '-f', '-y', '-s', '40', '-e', CALLS, '-o', LOG] : []),
    HELPER,
    ...words,
  ];
  const child = spawn(argv[0], argv.slice(1), {
    env: { PKEXEC_UID: '2000' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end('open\n');
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  return new Promise((resolve) => child.on('exit', () => setTimeout(() => resolve(said), 5)));
}

function judgeTrace(scope, words) {
  result.traced++;
  for (const line of readFileSync(LOG, 'latin1').split('\n')) {
    if (/\bmkdir.* = -1 EEXIST/.test(line)) continue; // mkdir -p
    const write = /\bwrite\(\d+<(.*?)>, "(.*?)"/.exec(line);
    if (write) {
      const [, path, text] = write;
      const allowed = ['0', scope, ...(scope === '2' ? ['1'] : [])];
      if (path === SCOPE && !allowed.includes(text)) offend(`${text} was written at scope ${scope}`, words);
      continue;
    }
    const open = /\bopen(?:at)?2?\((?:AT_FDCWD(?:<.*?>)?, )?"(.*?)", (\S+)/.exec(line);
    if (open) {
      const [, path, flags] = open;
      if (/O_(WRONLY|RDWR|CREAT|TRUNC)/.test(flags) && path !== SCOPE && !OURS.test(path))
        offend(line, words);
      continue;
    }
    for (const [, path] of line.matchAll(/"(.*?)"/g)) {
      if (/\b(rename|unlink|mk|link|symlink|ch(mod|own)|f?truncate)/.test(line) && !OURS.test(path)) {
        offend(line, words);
      }
    }
  }
}

/**
 * What was written since we began, in all that is not a view of the kernel; what systemd keeps of its timers and of the
 * journal is not the helper's.
 */
function changedFiles() {
  const found = execFileSync(
    'find',
    [
      '/opt/changes',
      '/tmp',
      '/run',
      '/root',
      '/home',
      '/dev/shm',
      '-xdev',
      '-newer',
      '/tmp/fuzz.marker',
      '-not',
      '-type',
      'd',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const expected =
    /^(\/run\/ptrace-shim\/.*|\/run\/(log\/journal|systemd)\/.*|\/tmp\/fuzz\.(strace|marker))$/;
  return found.split('\n').filter((path) => path !== '' && !expected.test(path));
}
