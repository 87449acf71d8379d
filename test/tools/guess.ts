import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execaSync } from 'execa';

const SHIM = resolve(import.meta.dirname, '../../shims/shim');
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';

/**
 * Does the real shim start Node for this command line at that scope? The kernel of a build machine may have no Yama, so the
 * shim reads the scope from another file here. Node and the tool are stand-ins.
 */
export function startsPreflight(tool: string, words: readonly string[], scope = 1): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'guess-'));
  try {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    };
    mkdirSync(join(folder, 'shims'));
    mkdirSync(join(folder, 'bin'));
    write('scope', `${scope}\n`);
    write(`shims/${tool}`, readFileSync(SHIM, 'utf8').replaceAll(SCOPE, join(folder, 'scope')));
    write(`bin/${tool}`, '#!/bin/sh\n:\n');
    write('bin/node', `#!/bin/sh\n: >${join(folder, 'asked')}\n`);
    const PATH = `${folder}/shims:${folder}/bin:/usr/bin:/bin`;
    execaSync(join(folder, 'shims', tool), words, { env: { PATH }, extendEnv: false, stdio: 'ignore' });
    return existsSync(join(folder, 'asked'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
