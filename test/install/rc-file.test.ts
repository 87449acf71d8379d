import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findMentions, findRcLine, renderAppend } from '../../src/install/rc-file.ts';
import { plant } from './plant.ts';

let home: string;
beforeEach(() => {
  home = plant({ keep: '' });
  vi.stubEnv('HOME', home);
  vi.stubEnv('ZDOTDIR', undefined);
});
afterEach(() => vi.unstubAllEnvs());

const own = () => join(home, '.local/share/ptrace-shim/bin');
const fileFor = (shell: string) => findRcLine(`/bin/${shell}`, own()).file.slice(home.length + 1);

describe('the file of bash', () => {
  test('is ~/.bashrc where the login file reads it', () => {
    writeFileSync(join(home, '.profile'), '. ~/.bashrc');
    expect(fileFor('bash')).toBe('.bashrc');
  });

  test('is the login file that bash takes first where that does not', () => {
    writeFileSync(join(home, '.profile'), '. ~/.bashrc');
    writeFileSync(join(home, '.bash_login'), '');
    expect(fileFor('bash')).toBe('.bash_login');
  });

  test('is ~/.bash_profile where there is no login file', () => {
    writeFileSync(join(home, '.bashrc'), '');
    expect(fileFor('bash')).toBe('.bash_profile');
  });
});

test('the file of zsh is in ZDOTDIR, where that is set', () => {
  expect(fileFor('zsh')).toBe('.zshrc');
  vi.stubEnv('ZDOTDIR', join(home, 'zsh'));
  expect(fileFor('zsh')).toBe('zsh/.zshrc');
});

test('the file of any other shell is ~/.profile', () => {
  expect(fileFor('dash')).toBe('.profile');
});

test.each([
  ['bash', 'own'],
  ['zsh', 'own'],
  ['fish', 'own'],
  ['bash', `odd ' $HOME " dir`],
  ['zsh', `odd ' $HOME " dir`],
  ['fish', `odd ' $HOME " \\ dir`],
])('what is to be typed gives %s the directory %s first in PATH', (shell, name) => {
  const dir = name === 'own' ? own() : join(home, name);
  mkdirSync(dir, { recursive: true }); // fish takes no other
  const rc = {
    file: join(home, shell === 'fish' ? 'new/rc.fish' : 'new/rc'),
    line: findRcLine(shell, dir).line,
  };
  const env = { HOME: home, PATH: '/usr/bin:/bin', TERM: 'dumb' };
  execFileSync(shell, ['-c', renderAppend(rc)], { env });
  const said = execFileSync(shell, ['-c', `. ${rc.file}; printenv PATH`], { env, encoding: 'utf8' });
  expect(said).toBe(`${dir}:/usr/bin:/bin\n`);
});

test('mentions are the lines of rc files that put us in PATH, comments apart', () => {
  writeFileSync(join(home, '.zshrc'), 'x\nexport PATH="$HOME/.local/share/ptrace-shim/bin:$PATH"\n');
  writeFileSync(join(home, '.bashrc'), '# ptrace-shim is nice\n#export PATH=ptrace-shim\nPATH=/usr/bin\n');
  expect(findMentions()).toEqual([`${join(home, '.zshrc')}:2`]);
});
