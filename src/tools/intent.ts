import type { Attach, Intent } from './tool.ts';

/** Neither an attach nor a launch, or nothing that we understand. */
export const OTHER: Intent = { kind: 'other' };

/** An attach to one process, all of its threads; anything else where the words name no process. */
export function attachTo(
  pid: number | undefined,
  attaching: Attach['attaching'],
  rest: Pick<Attach, 'driven'> = {},
): Intent {
  return pid ? { kind: 'attach', targets: [pid], threads: 'all', attaching, ...rest } : OTHER;
}
