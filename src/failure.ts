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

/** By its name: each file of the bundle may have a class of its own. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure';
}
