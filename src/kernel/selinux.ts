import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { readText } from './read.ts';

/** The boolean deny_ptrace as it is now, and whether SELinux enforces it. */
export interface Selinux {
  /** null: this policy has none, or does not let us read it. */
  readonly denyPtrace: boolean | null;
  readonly enforcing: boolean;
}

/** Files that a confined user may not be let read; the boolean reads "current pending". Undefined where SELinux is off. */
export function readSelinux(sys = '/sys'): Selinux | undefined {
  const enforce = readText(`${sys}/fs/selinux/enforce`);
  const denyPtrace = readText(`${sys}/fs/selinux/booleans/deny_ptrace`);
  if (enforce === undefined && denyPtrace === undefined) return undefined;
  return { denyPtrace: denyPtrace?.startsWith('1') ?? null, enforcing: enforce?.trim() !== '0' };
}

/** Would SELinux refuse every attach and every launch under a tracer, whatever the scope? */
export function deniesPtrace(selinux: Selinux | undefined): boolean {
  return selinux?.enforcing === true && selinux.denyPtrace === true;
}

/**
 * Does the policy let this process trace `pid`? The kernel answers that to everybody who may ask it, without a trace of it
 * in the log (selinuxfs, `access`: two contexts and a class in, a mask of permissions out). Undefined where SELinux is off,
 * or does not tell us.
 */
export function probePolicy(pid: number, proc = '/proc', sys = '/sys'): 'allowed' | 'refused' | undefined {
  const selinuxfs = `${sys}/fs/selinux`;
  const source = readContext(`${proc}/self/attr/current`);
  const target = readContext(`${proc}/${pid}/attr/current`);
  const kind = readText(`${selinuxfs}/class/process/index`);
  const permission = readText(`${selinuxfs}/class/process/perms/ptrace`);
  if (!source || !target || !kind || !permission) return undefined;
  const answer = ask(`${selinuxfs}/access`, `${source} ${target} ${kind}`);
  if (answer === undefined) return undefined;
  const [allowed, , , , , flags] = answer.split(' ').map((word) => Number.parseInt(word, 16));
  const isPermissive = (flags! & 1) !== 0;
  return isPermissive || (allowed! & (1 << (Number(permission) - 1))) !== 0 ? 'allowed' : 'refused';
}

function readContext(path: string): string | undefined {
  return readText(path)?.replace(/\0?\n?$/, '');
}

/** One question to a file of selinuxfs, and its answer. */
function ask(path: string, question: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r+');
    writeSync(fd, question);
    const answer = Buffer.alloc(100);
    return answer.toString('latin1', 0, readSync(fd, answer));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
