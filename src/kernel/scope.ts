import type { Scope } from './cause.ts';
import { readText } from './read.ts';

/** The value of kernel.yama.ptrace_scope; undefined where there is no Yama (or a value from a future kernel). */
export function readScope(proc = '/proc'): Scope {
  const text = readText(`${proc}/sys/kernel/yama/ptrace_scope`)?.trim();
  return text === '0' || text === '1' || text === '2' || text === '3' ? (Number(text) as Scope) : undefined;
}

/** The kernel's names for the values: Documentation/admin-guide/LSM/Yama.rst. */
export const SCOPE_NAMES = { 0: 'classic', 1: 'restricted', 2: 'admin-only', 3: 'no-attach' } as const;

/** `1 (restricted)`. */
export function renderScope(scope: Scope): string {
  return scope === undefined ? 'no Yama' : `${scope} (${SCOPE_NAMES[scope]})`;
}

/** `kernel.yama.ptrace_scope is 1 (restricted)`. */
export function sayScope(scope: Scope): string {
  return `kernel.yama.ptrace_scope is ${renderScope(scope)}`;
}
