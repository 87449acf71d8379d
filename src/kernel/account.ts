import { readText } from './read.ts';

/** A user as people know him, `dev (2000)`; the bare id where /etc/passwd has no such line. */
export function renderUser(uid: number, etc = '/etc'): string {
  return render(uid, `${etc}/passwd`);
}

/** The same for a group. */
export function renderGroup(gid: number, etc = '/etc'): string {
  return render(gid, `${etc}/group`);
}

function render(id: number, file: string): string {
  const line = readText(file)
    ?.split('\n')
    .find((entry) => entry.split(':')[2] === String(id));
  return line === undefined ? String(id) : `${line.slice(0, line.indexOf(':'))} (${id})`;
}
