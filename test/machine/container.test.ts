import { expect, test } from 'vitest';
import { readContainer, sayContainer } from '../../src/machine/container.ts';
import { plant } from '../install/plant.ts';

type Files = Readonly<Record<string, string>>;

/** Where /proc says that we are in: the fixed inodes of the first namespaces, or others. */
const HOST = namespaces(4026531837, 4026531836);
const OWN_USER = namespaces(4026532999, 4026531836);
const OWN_PID = namespaces(4026531837, 4026532998);
const MICROSOFT = { 'proc/sys/kernel/osrelease': '6.6.87.2-microsoft-standard-WSL2\n' };

function namespaces(user: number, pid: number): Files {
  return { 'proc/self/ns/user': `link:user:[${user}]`, 'proc/self/ns/pid': `link:pid:[${pid}]` };
}

test.each<[string, Files, Readonly<Record<string, string>>]>([
  ['.dockerenv', { '.dockerenv': '' }, {}],
  ['run/.containerenv', { 'run/.containerenv': 'name="box"\n' }, {}],
  ['run/.toolbxenv', { 'run/.toolbxenv': '' }, {}],
  ['distrobox-host-exec', { 'usr/bin/distrobox-host-exec': '' }, {}],
  ['.flatpak-info', { '.flatpak-info': '[Instance]\n' }, {}],
  ['CONTAINER_ID', {}, { CONTAINER_ID: 'box' }],
  ['container', {}, { container: 'podman' }],
])('believes the first namespaces over %s', (_, files, env) => {
  expect(readContainer(plant({ ...HOST, ...files }), env)).toBeUndefined();
});

test.each<[string, Files]>([
  ['a user namespace', OWN_USER],
  ['a pid namespace', OWN_PID],
])('is in a container in %s of its own, which the markers name', (_, own) => {
  expect(readContainer(plant({ ...own, '.dockerenv': '' }), {})).toEqual({ kind: 'docker' });
  const toolbox = { 'run/.containerenv': 'name="box"\n', 'run/.toolbxenv': '' };
  expect(readContainer(plant({ ...own, ...toolbox }), {})).toEqual({ kind: 'toolbox', name: 'box' });
  expect(readContainer(plant(own), { CONTAINER_ID: 'box' })).toEqual({ kind: 'distrobox' });
  expect(readContainer(plant(own), {})).toEqual({ kind: 'container' });
});

test('knows WSL, whose distributions have a pid namespace each, and a container within it', () => {
  expect(readContainer(plant({ ...HOST, ...MICROSOFT }), {})).toEqual({ kind: 'wsl' });
  expect(readContainer(plant({ ...OWN_PID, ...MICROSOFT }), {})).toEqual({ kind: 'wsl' });
  expect(readContainer(plant({ ...OWN_PID, ...MICROSOFT, '.dockerenv': '' }), {})).toEqual({
    kind: 'docker',
  });
});

test('believes the markers where /proc tells of no namespace', () => {
  expect(readContainer(plant({ '.dockerenv': '' }), {})).toEqual({ kind: 'docker' });
  expect(readContainer(plant({}), {})).toBeUndefined();
});

test('says what it is in words', () => {
  expect(sayContainer({ kind: 'podman' })).toBe('podman container');
  expect(sayContainer({ kind: 'container' })).toBe('container');
});
