import { existsSync } from 'node:fs';
import type { Scope } from '../kernel/cause.ts';
import type { Target } from '../kernel/target.ts';
import type { Tool } from '../tools/tool.ts';

/**
 * Why a permission cannot help with processes or threads that the scope alone refuses; undefined where it can. `tool` is who
 * would be let in, where that is known.
 */
export function whyNotLetIn(scope: Scope, targets: readonly Target[], tool?: Tool): string | undefined {
  if (!scope) return 'the scope restricts nothing here, so there is nothing to permit';
  if (scope !== 1) return `at scope ${scope} the kernel heeds no permission`;
  if (tool?.readsScope) return `${tool.name} reads the scope itself, and gives up above 0`;
  if (!['x64', 'arm64'].includes(process.arch)) return 'a permission can be given on x86-64 and arm64 alone';
  if (!existsSync('/usr/bin/python3')) return 'a permission takes Python: there is no /usr/bin/python3';
  if (targets.length > MOST) return `a permission can be given for ${MOST} processes at once`;
  for (const { pid, status } of targets) {
    if (status === undefined) return `${pid} has ended`;
    if (status.tracerPid > 0) return `${pid} is traced already`;
    if (status.seccomp > 0) return `${pid} has a seccomp filter, which may end it for the call`;
  }
}

const MOST = 64; // the helper's own cap
