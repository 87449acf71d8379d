/** Why the kernel refuses; the closed set of the word table in ptrace-scope-troubleshooting(7). */
export type Cause =
  | 'restricted'
  | 'admin-only'
  | 'no-attach'
  | 'already-traced'
  | 'different-user'
  | 'not-dumpable'
  | 'selinux'
  | 'selinux-policy'
  | 'no-such-process'
  | 'zombie'
  | 'kernel-thread'
  | 'hidden';

/** The value of kernel.yama.ptrace_scope; undefined where there is no Yama. */
export type Scope = 0 | 1 | 2 | 3 | undefined;

/** What the kernel would answer to one attach, and how we know. */
export type Verdict = Subject & Ruling;

/** What the answer is, and the cause exactly where it is a refusal. */
export type Ruling =
  | { readonly outcome: 'allowed' | 'unknown'; readonly cause?: never }
  | { readonly outcome: 'refused'; readonly cause: Cause };

export type RefusedVerdict = Extract<Verdict, { readonly outcome: 'refused' }>;

/** Of whom a verdict speaks; for a launch, whose target is not there yet, that is the tracer. */
export interface Subject {
  readonly pid: number;
  /** One plain sentence per fact that led here, in the order of judging. */
  readonly evidence: readonly string[];
  /** The process that traces it already. */
  readonly tracer?: number;
  /** It is, by all that can be seen, in a user namespace outside of ours: no scope lets us in. */
  readonly outside?: true;
}

/** Is it the scope that refuses, and nothing else? Only then is there a question to ask. */
export function isScopeCause(cause: Cause | undefined): boolean {
  return cause === 'restricted' || cause === 'admin-only' || cause === 'no-attach';
}
