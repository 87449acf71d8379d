/**
 * Has the real systemd-sysctl apply trees of sysctl.d, one after the other, in a mount namespace of its own (unshare -m).
 * Reads from stdin, as JSON, [{ start, files: { path: text }, links: { path: target } }]; answers with the array of values
 * that the kernel has afterwards. Before each the scope is `start`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const FOLDERS = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/etc/settings',
];

for (const folder of FOLDERS) {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
}

const values = JSON.parse(readFileSync(0, 'utf8')).map(({ start, files, links }) => {
  const paths = [...Object.keys(files), ...Object.keys(links)];
  for (const path of paths) mkdirSync(dirname(path), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, path);
  writeFileSync(SCOPE, String(start));
  spawnSync('/usr/lib/systemd/systemd-sysctl', { stdio: 'ignore' });
  for (const path of paths) rmSync(path);
  return Number(readFileSync(SCOPE, 'utf8'));
});
console.log(JSON.stringify(values));
