import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { findGdbHook, isInstalled, renderGdbHook } from '../install/gdb-hook.ts';
import { realpathOf } from '../install/installation.ts';
import { installCommand } from '../machine/package-manager.ts';
import { type Helper, isRootsAlone } from '../root/helper.ts';
import type { Finding } from './finding.ts';

const OLDEST_NODE = [20, 17] as const;

/** The Node that the shim would find. */
export async function checkNode(path: string): Promise<Finding> {
  const id = 'node';
  const help = installCommand('nodejs') ?? 'https://nodejs.org';
  const file = which.sync('node', { path, nothrow: true });
  if (file === null) return { id, level: 'broken', message: 'node is not in the PATH of your shell', help };
  const { stdout } = await execa(file, ['--version'], { reject: false, stdin: 'ignore', timeout: 60_000 });
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined) return { id, level: 'broken', message: `${file} is no Node that works`, help };
  const old = Number(major) - OLDEST_NODE[0] || Number(minor) - OLDEST_NODE[1];
  if (old < 0) {
    const message = `${file} is ${stdout}, and ${OLDEST_NODE.join('.')} is the oldest that will do`;
    return { id, level: 'broken', message, help };
  }
  return { id, level: 'ok', message: `${file} is ${stdout}` };
}

/** Has preflight make a plan, as the shim would; and looks for the parts that it loads only when it asks. */
export async function checkBundle(home: string, path: string): Promise<Finding> {
  const id = 'bundle';
  const help = reinstall(home);
  const preflight = join(home, 'dist/preflight.js');
  if (!existsSync(preflight)) return { id, level: 'broken', message: `${preflight} is missing`, help };
  const gone = findGonePart(join(home, 'dist'));
  if (gone) return { id, level: 'broken', message: `${join(home, 'dist', gone)} is missing`, help };
  const node = which.sync('node', { path, nothrow: true }) ?? process.execPath;
  const { stdout, exitCode } = await execa(
    node,
    [preflight, 'gdb', '/usr/bin/gdb', String(process.pid), '--version'],
    {
      reject: false,
      stdio: ['ignore', 'pipe', 'ignore', 'ignore'],
      env: { NODE_OPTIONS: '' },
      timeout: 60_000,
    },
  );
  if (!String(stdout).startsWith('#ptrace-shim-plan 1\n')) {
    return { id, level: 'broken', message: `${preflight} does not work: it ended with ${exitCode}`, help };
  }
  return { id, level: 'ok', message: `${preflight} works` };
}

/** A part of the bundle that another one imports and that is not there. */
function findGonePart(dist: string): string | undefined {
  const files = readdirSync(dist).filter((file) => /\.m?js$/.test(file));
  const imported = files.flatMap((file) => {
    const text = readFileSync(join(dist, file), 'utf8');
    return [...text.matchAll(/\b(?:from|import|require)\s*\(?"\.\/([^"]+\.m?js)"/g)].map(([, part]) => part!);
  });
  return imported.find((part) => !files.includes(part));
}

/** Of a package, what runs as root lies elsewhere, and a link leads there (packaging/stage.sh). */
function reinstall(home: string): string {
  if (lstatSync(join(home, 'libexec'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    return existsSync('/usr/bin/dnf')
      ? 'sudo dnf reinstall ptrace-shim'
      : 'sudo apt install --reinstall ./ptrace-shim_*.deb';
  }
  return /\/node_modules\//.test(home) ? 'npm install --global ptrace-shim' : `cd ${home} && npm ci`;
}

const HELPERS: readonly Helper[] = ['ptrace-permit', 'ptrace-scope-window', 'ptrace-scope-set'];

/** gdb's own attach, where a person has installed that: does the script lead to a copy that is there? */
export function checkGdbHook(home: string): Finding[] {
  const id = 'gdb-attach';
  const hook = findGdbHook();
  if (!isInstalled(hook)) return [];
  const script = existsSync(hook.script) ? readFileSync(hook.script, 'utf8') : '';
  if (script === renderGdbHook(home))
    return [{ id, level: 'ok', message: `gdb's own attach asks: ${hook.init}` }];
  const message = `${hook.script} is missing or leads to another copy`;
  return [{ id, level: 'broken', message, help: 'ptrace-shim install --gdb' }];
}

/** What runs as root must be root's file, or travels as text whose digest is authenticated. */
export function checkHelper(home: string): Finding {
  const id = 'helper';
  const files = HELPERS.map((helper) => join(home, 'libexec', helper));
  const missing = files.find((file) => realpathOf(file) === undefined);
  if (missing) return { id, level: 'broken', message: `${missing} is missing`, help: reinstall(home) };
  if (files.every((file) => isRootsAlone(realpathOf(file)!))) {
    return {
      id,
      level: 'ok',
      message: `root alone can change what runs as root, ${join(home, 'libexec')}`,
    };
  }
  return {
    id,
    level: 'note',
    message: 'what runs as root is your own file: its text travels on stdin, its digest on the command line',
    help: `less ${files[0]}`,
  };
}
