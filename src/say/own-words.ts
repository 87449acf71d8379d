import { readFileSync } from 'node:fs';

/**
 * Does the tool name ptrace_scope itself when it is refused? Its program then has the word in it: strace from 7.1
 * on, gdb 18, Ubuntu's gdb. What it says is "may" and "might", and no way on.
 */
export function namesScope(real: string): boolean {
  try {
    return readFileSync(real).includes('ptrace_scope');
  } catch {
    return false;
  }
}
