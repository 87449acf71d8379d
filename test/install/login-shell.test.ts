import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askLoginShell } from '../../src/install/login-shell.ts';
import { readText } from '../../src/kernel/read.ts';
import { plant } from './plant.ts';

let home: string;
beforeEach(() => {
  home = plant({ 'bin/gdb': '' });
  vi.stubEnv('HOME', home);
  for (const name of ['ZDOTDIR', 'XDG_CONFIG_HOME']) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const RC = { bash: '.bash_profile', zsh: '.zshrc', fish: '.config/fish/config.fish' } as const;

function write(shell: keyof typeof RC, text: string): void {
  const file = join(home, RC[shell]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  const ask = async (seconds = 15) => askLoginShell(`/usr/bin/${shell}`, ['sh', 'nowhere', 'gdb'], seconds);

  test('says its PATH and what a name runs, whatever its rc files print', async () => {
    write(
      shell,
      `echo noise; echo ptrace-shim-begin; export PATH="$HOME/x y:/usr/bin:/bin"; printf 'no end'`,
    );
    expect(await ask()).toEqual({
      path: `${home}/x y:/usr/bin:/bin`,
      typed: new Map([
        ['sh', '/usr/bin/sh'],
        ['nowhere', ''],
        ['gdb', expect.stringMatching(/^(\/usr\/bin\/gdb)?$/)],
      ]),
    });
  });

  test('says that a name is an alias or a function', async () => {
    write(shell, "alias gdb='gdb\n-q'\n");
    const answer = await ask();
    expect(typeof answer === 'object' && answer.typed.get('gdb')).toMatch(
      shell === 'fish' ? /^function gdb$/ : /^alias gdb=.*gdb/,
    );
  });

  test('is given up when its rc files wait, and what they started is ended', async () => {
    write(shell, `sh -c 'echo $$ >${home}/pid; exec sleep 60'`);
    expect(await ask(2)).toMatch(/did not answer within 2 seconds/);
    const pid = readFileSync(join(home, 'pid'), 'utf8').trim();
    await expect.poll(() => readText(`/proc/${pid}/cmdline`) || 'ended').toBe('ended');
  });

  test('is not believed when its rc files become something else', async () => {
    write(shell, 'exec /bin/true');
    expect(await ask()).toMatch(/did not run the question/);
  });
});

test('a shell that is not there, and one that we do not know, are sentences too', async () => {
  expect(await askLoginShell('/nowhere/bash', [])).toMatch(/^\/nowhere\/bash did not run the question/);
  expect(await askLoginShell('/usr/bin/nu', [])).toBe('nu is a shell that doctor cannot ask');
});

test('nothing of this terminal’s PATH counts', async () => {
  vi.stubEnv('PATH', `${home}/bin:${process.env.PATH}`);
  const answer = await askLoginShell('/bin/sh', ['gdb']);
  expect(typeof answer === 'object' && answer.path).not.toContain(home);
});
