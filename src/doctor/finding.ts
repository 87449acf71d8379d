/** One thing that doctor looked at. */
export interface Finding {
  /** Stays the same between versions, for scripts. */
  readonly id: string;
  /** A note needs nothing done; what is broken keeps the shims from helping. */
  readonly level: 'ok' | 'note' | 'broken';
  readonly message: string;
  /** What to type. */
  readonly help?: string;
}
