import { readText } from './read.ts';

/** The boolean deny_ptrace as it is now, and whether SELinux enforces it. */
export interface Selinux {
  readonly denyPtrace: boolean;
  readonly enforcing: boolean;
}

/** Both files are world-readable; the boolean reads "current pending". Undefined where SELinux is off. */
export function readSelinux(sys = '/sys'): Selinux | undefined {
  const enforce = readText(`${sys}/fs/selinux/enforce`);
  const denyPtrace = readText(`${sys}/fs/selinux/booleans/deny_ptrace`);
  if (enforce === undefined && denyPtrace === undefined) return undefined;
  return { denyPtrace: denyPtrace?.startsWith('1') ?? false, enforcing: enforce?.trim() !== '0' };
}

/** Would SELinux refuse every attach and every launch under a tracer, whatever the scope? */
export function deniesPtrace(selinux: Selinux | undefined): boolean {
  return selinux?.enforcing === true && selinux.denyPtrace;
}
