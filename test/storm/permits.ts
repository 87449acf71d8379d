import { chosenRoot } from '../vm/harness/root.ts';
import { CHECKOUT, type Vm } from '../vm/harness/vm.ts';

/** All that test/fixtures/worker.c can do while it is let in to. */
export const WORKERS = [
  ...[
    'nanosleep',
    'poll',
    'epoll',
    'accept',
    'pipe',
    'timeout',
    'send',
    'connect',
    'semaphore',
    'sigwait',
    'futex',
  ],
  ...['busy', 'rseq', 'storm', 'interrupted', 'restarted', 'leaderless', 'fork', 'exec'],
  chosenRoot().machine === 'x86_64' ? 'dispatch' : 'vectors', // neither processor has the other's
];

export interface Permits {
  readonly workers?: readonly string[];
  /** For each worker. */
  readonly permits: number;
  /** Is the helper killed -9 at a random moment of each? */
  readonly kill?: boolean;
  readonly seed: number;
}

/** What the guest tells of one worker; see guest/permits.py. */
export interface Weathered {
  worker: string;
  permits: number;
  killed: number;
  answers: Record<string, number>;
  rounds: number;
  /** What the worker complained of in the end; nothing when nothing was changed. */
  wrong: string[];
  /** Seconds of the machine's: the helper without the start of Python, and the time in which registers were not the target's. */
  times: Spread;
  gaps: Spread;
}

interface Spread {
  median: number;
  most: number;
}

/** Has each worker grant permissions in a row, for one process, for any and for none. */
export async function permits(
  vm: Vm,
  { workers = WORKERS, permits, kill = false, seed }: Permits,
): Promise<Weathered[]> {
  const said = await runGuest(vm, 'permits.py', { workers, permits, kill, seed });
  return said.split('\n').map((line) => JSON.parse(line));
}

/** What the guest tells; see guest/permit-fuzz.py. */
export interface Fuzzed {
  lists: number;
  races: number;
  answers: Record<string, number>;
  /** How often the kernel saw a process call prctl(PR_SET_PTRACER). */
  calls: number;
  /** What was done that must never be. */
  offences: string[];
}

/** Calls the helper with random argument lists, and with processes that become somebody else's meanwhile. */
export async function fuzzPermits(
  vm: Vm,
  plan: { lists: number; races: number; seed: number },
): Promise<Fuzzed> {
  return JSON.parse(await runGuest(vm, 'permit-fuzz.py', plan));
}

function runGuest(vm: Vm, program: string, plan: object): Promise<string> {
  const words = ['/usr/bin/python3', `${CHECKOUT}/test/storm/guest/${program}`, JSON.stringify(plan)];
  return vm.asRoot(words, { timeout: 24 * 3_600_000 });
}
