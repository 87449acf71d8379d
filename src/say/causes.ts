import type { Cause } from '../kernel/cause.ts';
import { sayScope } from '../kernel/scope.ts';

/** The words for a cause. */
export interface CauseWords {
  /** Why the kernel refuses, to stand after a colon. */
  readonly reason: string;
  /** The same in a list of processes, where there is room for little; absent where the list leaves the process out. */
  readonly inList?: string;
  /** What to type; absent where only waiting or another target helps. */
  readonly help?: (pid: number) => string;
}

const asRoot = (pid: number) => `sudo strace -p ${pid}`;
const letIn = (pid: number) => `ptrace-shim with ${pid} -- strace -p ${pid}`;

export const CAUSES: Readonly<Record<Cause, CauseWords>> = {
  restricted: {
    reason: sayScope(1),
    inList: 'likely refused: scope 1',
    help: (pid) => `${letIn(pid)}, or for all of your tools: ptrace-shim allow ${pid}`,
  },
  'admin-only': { reason: sayScope(2), inList: 'refused: scope 2', help: letIn },
  'no-attach': { reason: sayScope(3), inList: 'refused: scope 3', help: () => 'ptrace-shim explain' },
  'already-traced': { reason: 'it is already traced', inList: 'already traced' },
  'different-user': {
    reason: 'it is not wholly yours (user, group or capabilities)',
    inList: 'refused: not yours',
    help: asRoot,
  },
  'not-dumpable': { reason: 'it is not dumpable', inList: 'refused: not dumpable', help: asRoot },
  selinux: {
    reason: "SELinux's deny_ptrace is on",
    inList: 'refused: SELinux',
    help: () => 'sudo setsebool deny_ptrace 0',
  },
  'selinux-policy': { reason: "SELinux's policy does not let you", inList: 'refused: SELinux' },
  'no-such-process': { reason: 'no such process' },
  zombie: { reason: 'it has ended', inList: 'has ended' },
  'kernel-thread': { reason: 'it is a kernel thread' },
  hidden: { reason: 'it is hidden from you', help: asRoot },
};
