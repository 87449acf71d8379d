import { chmodSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { findInstallation, findOwnNode } from '../../src/install/installation.ts';
import { findLinks } from '../../src/install/links.ts';
import { isAhead } from '../../src/install/places.ts';
import { applyInstall, planInstall } from '../../src/install/put-links.ts';
import { addToRecord, readRecord, removeFromRecord } from '../../src/install/record.ts';
import { plant } from './plant.ts';

const SHIM = '#!/bin/sh\n# ptrace-shim: stands before a tracer in PATH and hands over to it\n';

let root: string;
let home: string;
let bin: string;
beforeEach(() => {
  root = plant({
    'app/shims/shim': SHIM,
    'app/dist/main.js': '',
    'older/shims/shim': SHIM,
    'bin/keep': '',
    'usr/gdb': '',
  });
  home = join(root, 'app');
  bin = join(root, 'bin');
});

const plan = () => planInstall(['gdb'], bin, home)[0]!.do;
const link = (target: string, name = 'gdb') => symlinkSync(target, join(bin, name));

describe('planInstall', () => {
  test('links where there is nothing', () => {
    expect(planInstall(['gdb', 'ptrace-shim'], bin, home)).toEqual([
      { do: 'link', path: join(bin, 'gdb'), target: join(home, 'shims/shim') },
      { do: 'link', path: join(bin, 'ptrace-shim'), target: join(home, 'dist/main.js') },
    ]);
  });

  test('keeps a link of its own', () => {
    link(join(home, 'shims/shim'));
    expect(plan()).toBe('keep');
  });

  test('replaces a link to another copy, be it there or gone', () => {
    link(join(root, 'older/shims/shim'));
    expect(plan()).toBe('replace');
    rmSync(join(root, 'older'), { recursive: true });
    expect(plan()).toBe('replace');
  });

  test('keeps what leads to this shim by a link of somebody else', () => {
    link('../app/shims/shim');
    expect(plan()).toBe('keep');
  });

  test.each([
    ['a file', () => writeFileSync(join(bin, 'gdb'), 'mine')],
    ['a copy of the shim', () => writeFileSync(join(bin, 'gdb'), SHIM)],
    ['a directory', () => mkdirSync(join(bin, 'gdb'))],
    ['a link to the real tool', () => link(join(root, 'usr/gdb'))],
    ['a relative link to the real tool', () => link('../usr/gdb')],
    ['a relative link to another copy', () => link('../older/shims/shim')],
    ['a link that leads nowhere', () => link('/nowhere/bin/gdb')],
    ['a link in a circle', () => link(join(bin, 'gdb'))],
  ])('is in conflict with %s', (_, occupy) => {
    occupy();
    expect(plan()).toBe('conflict');
    expect(findLinks(bin)).toEqual([]);
  });

  test("takes npm's link to the command for npm's", () => {
    link('../older/dist/main.js', 'ptrace-shim');
    expect(planInstall(['ptrace-shim'], bin, home)[0]!.do).toBe('conflict');
    expect(findLinks(bin)).toEqual([]);
  });
});

describe('applyInstall', () => {
  test('does what was planned, and then there is nothing more to do', () => {
    link(join(root, 'older/shims/shim'));
    writeFileSync(join(bin, 'strace'), 'mine');
    applyInstall(planInstall(['gdb', 'strace', 'vgdb'], bin, home), bin);
    expect(readdirSync(bin).sort()).toEqual(['gdb', 'keep', 'strace', 'vgdb']);
    expect(readlinkSync(join(bin, 'gdb'))).toBe(join(home, 'shims/shim'));
    expect(planInstall(['gdb', 'strace', 'vgdb'], bin, home).map((step) => step.do)).toEqual([
      'keep',
      'conflict',
      'keep',
    ]);
  });

  test('replaces nothing that has come in between', () => {
    const steps = planInstall(['gdb'], bin, home);
    writeFileSync(join(bin, 'gdb'), 'mine');
    expect(() => applyInstall(steps, bin)).toThrow('EEXIST');
  });
});

describe('isAhead', () => {
  let usr: string;
  beforeEach(() => {
    root = plant({ 'usr/gdb': '', 'opt/gdb': '', 'shims/strace': SHIM });
    usr = join(root, 'usr');
    for (const file of ['usr/gdb', 'opt/gdb', 'shims/strace']) chmodSync(join(root, file), 0o755);
  });
  const ahead = (...path: string[]) =>
    isAhead(join(root, 'home/.local/bin'), ['gdb'], path.map((entry) => join(root, entry)).join(':'));

  test.each([
    [['home/.local/bin', 'usr'], true],
    [['home/.local/bin/', 'usr'], true],
    [['usr', 'home/.local/bin'], false],
    [['opt', 'home/.local/bin', 'usr'], false],
    [['usr'], false],
    [['nowhere', 'home/.local/bin'], true],
  ])('with PATH %j is %s', (path, expected) => {
    expect(ahead(...path)).toBe(expected);
  });

  test('takes another name of the directory for the same', () => {
    mkdirSync(join(root, 'var'));
    symlinkSync('var', join(root, 'home'));
    expect(ahead('var/.local/bin', 'usr')).toBe(true);
  });

  test('is false when the real tool lies in the very directory', () => {
    expect(isAhead(usr, ['gdb'], `${usr}:/nowhere`)).toBe(false);
  });

  test('takes a shim for no real tool, and expects one that is not installed in /usr/bin', () => {
    const shims = join(root, 'shims');
    expect(isAhead('/home/bin', ['strace'], `${shims}:/home/bin`)).toBe(true);
    expect(isAhead('/home/bin', ['vgdb'], `/usr/bin:/home/bin`)).toBe(false);
  });
});

describe('the record', () => {
  test('takes away exactly the directories that were not there before, when they are empty', () => {
    root = plant({ 'home/.local/keep': '' });
    const file = join(root, 'home/.local/share/ptrace-shim/installed.json');
    const dir = join(root, 'home/tools/bin');
    addToRecord(dir, file);
    mkdirSync(dir, { recursive: true });
    addToRecord(dir, file);
    expect(readRecord(file).directories).toEqual([dir]);
    removeFromRecord([dir], file);
    expect(readdirSync(join(root, 'home'))).toEqual(['.local']);
    expect(readdirSync(join(root, 'home/.local'))).toEqual(['keep']);
  });

  test('stays until the last directory is forgotten, and leaves what somebody has put there', () => {
    root = plant({ 'home/keep': '' });
    const file = join(root, 'home/.data/installed.json');
    const dirs = [join(root, 'home/a'), join(root, 'home/b')];
    for (const dir of dirs) addToRecord(dir, file);
    for (const dir of dirs) mkdirSync(dir);
    removeFromRecord([dirs[0]!], file);
    expect(readRecord(file).directories).toEqual([dirs[1]]);
    writeFileSync(join(dirs[1]!, 'mine'), '');
    removeFromRecord([dirs[1]!], file);
    expect(readdirSync(join(root, 'home')).sort()).toEqual(['b', 'keep']);
  });

  test.each(['', '{', '[]', '{"directories": 1, "absent": [2]}', 'null'])(
    'says nothing when it is %j',
    (text) => {
      root = plant({ 'installed.json': text });
      expect(readRecord(join(root, 'installed.json'))).toEqual({ directories: [], absent: [] });
    },
  );
});

describe('findInstallation', () => {
  const own = join(import.meta.dirname, '../..');

  test('is where the program lies', () => {
    expect(findInstallation('/nowhere/main.js')).toBe(own);
    expect(findInstallation(undefined)).toBe(own);
  });

  test('goes by the name that it was run by, through links to the command', () => {
    root = plant({});
    symlinkSync(own, join(root, 'current'));
    symlinkSync('current/dist/main.js', join(root, 'ptrace-shim'));
    expect(findInstallation(join(root, 'current/dist/main.js'))).toBe(join(root, 'current'));
    expect(findInstallation(join(root, 'ptrace-shim'))).toBe(join(root, 'current'));
  });

  test('is not the directory that fnm has made for one shell', () => {
    root = plant({ 'fnm_multishells/123_456': `link:${own}` });
    expect(findInstallation(join(root, 'fnm_multishells/123_456/dist/main.js'))).toBe(own);
  });
});

test.each([
  ['nvm', '.nvm/versions/node/v22.1.0/lib/node_modules/ptrace-shim', '22.1.0'],
  ['fnm', '.local/share/fnm/node-versions/v22.1.0/installation/lib/node_modules/ptrace-shim', '22.1.0'],
  ['mise', '.local/share/mise/installs/node/22.1.0/lib/node_modules/ptrace-shim', '22.1.0'],
  ['asdf', '.asdf/installs/nodejs/22.1.0/lib/node_modules/ptrace-shim', '22.1.0'],
  ['a prefix of all versions', '.local/lib/node_modules/ptrace-shim', undefined],
  ['a checkout', 'node/22.1.0/ptrace-shim', undefined],
])('knows the Node that a copy belongs to: %s', (_, home, version) => {
  expect(findOwnNode(`/home/dev/${home}`)).toBe(version);
});
