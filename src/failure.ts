/**
 * A failure that was to be expected: a pid that is gone, a file that is not ours. Printed as `ptrace-shim: message`
 * with a `help:` line under it, without a stack. Anything else that is thrown is a bug and shows everything.
 */
export class Failure extends Error {
  /** Something the person can type or do. */
  readonly help: string | undefined;
  /** The exit status of the command. */
  readonly status: number;

  constructor(message: string, { help, status = 1 }: { help?: string; status?: number } = {}) {
    super(message);
    this.name = 'Failure';
    this.help = help;
    this.status = status;
  }
}

/** No failure: the command has done its work, and ends with this status. */
export class Ended extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`ended with ${status}`);
    this.name = 'Ended';
    this.status = status;
  }
}

/** What cannot be done, and why: a sentence to stand after a colon, and a code where somebody has to tell causes apart. */
export interface Obstacle {
  readonly reason: string;
  readonly code?: 'cancelled' | 'no-elevator' | 'in-part';
}

/** The reason, where something stands in the way. */
export function whyNot(found: object | Obstacle): string | undefined {
  return 'reason' in found ? found.reason : undefined;
}

/** What stood in the way of a change, and what became of it. */
export function sayUnchanged({ reason, code }: Obstacle): string {
  return code === 'in-part' ? reason : `${reason}; nothing was changed`;
}

/** The same as the end of a command. */
export function unchanged(obstacle: Obstacle, help?: string): Failure {
  return new Failure(sayUnchanged(obstacle), { help, status: statusOf(obstacle) });
}

/** With what status a command ends for it: 130 where the person has cancelled. */
export function statusOf({ code }: Obstacle): number {
  return code === 'cancelled' ? 130 : 1;
}

// By their names: each file of the bundle may have classes of its own.

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure';
}

export function isEnded(error: unknown): error is Ended {
  return error instanceof Error && error.name === 'Ended';
}
