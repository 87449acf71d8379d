import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, vi } from 'vitest';

/** This repository, with the built command in dist/. */
export const CHECKOUT = join(import.meta.dirname, '../..');

const NODE_BIN = dirname(process.execPath);

/** Where a login finds the real tools, and the Node that runs the tests. */
export const SYSTEM_PATH = `/usr/local/bin:/usr/bin:/bin:${NODE_BIN}`;

/** Somebody's account on this machine, whose shell is bash. What needs a kernel with Yama is in test/vm. */
export interface Account {
  readonly home: string;
  /** A `PATH` that has ~/.local/bin first, as Fedora's ~/.bashrc makes it. */
  readonly ahead: { readonly PATH: string };
  /** Runs a line of sh at home, with the built command for `ptrace-shim`, which is not in `PATH`. */
  sh(
    line: string,
    env?: Record<string, string>,
  ): { stdout: string; stderr: string; status: number | undefined };
  /** The stdout of that, without the last newline. */
  read(line: string, env?: Record<string, string>): string;
  /** Everything in the home: names, owners, modes, link targets and contents. */
  tree(): string;
}

/** An account for the tests of a file, with an empty home for each. */
export function useAccount(): Account {
  vi.setConfig({ testTimeout: 120_000 }); // a Node for each command
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ptrace-shim-home-'));
    // /etc/profile knows nothing of a Node that lies elsewhere. Two lines, or its path could be taken for one of ours.
    writeFileSync(join(home, '.profile'), `node='${NODE_BIN}'\nPATH="$PATH:$node"\n. ~/.bashrc\n`);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const sh: Account['sh'] = (line, env = {}) => {
    const main = `'${process.execPath}' '${CHECKOUT}/dist/main.js'`;
    const { stdout, stderr, exitCode } = execaSync(
      '/bin/sh',
      ['-c', line.replaceAll('ptrace-shim ', `${main} `)],
      {
        env: { HOME: home, SHELL: '/bin/bash', PATH: SYSTEM_PATH, ...env },
        extendEnv: false,
        reject: false,
        cwd: home,
        stripFinalNewline: false,
      },
    );
    const clean = (text: string) => text.replaceAll(CHECKOUT, '/opt/app').replaceAll(home, '/home/dev');
    return { stdout: clean(stdout), stderr: clean(stderr), status: exitCode };
  };
  return {
    get home() {
      return home;
    },
    get ahead() {
      return { PATH: `${home}/.local/bin:${SYSTEM_PATH}` };
    },
    sh,
    read: (line, env) => sh(line, env).stdout.trimEnd(),
    tree: () =>
      sh(`{ find . -printf '%P %y %m %U:%G %l\\n'; find . -type f -exec sha256sum {} +; } | LC_ALL=C sort`)
        .stdout,
  };
}
