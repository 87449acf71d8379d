import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { findUserland } from './userland.ts';

/** What kind of processor, as uname(1) calls it. */
export type Machine = 'x86_64' | 'aarch64';

/** A root file system that the test machine can boot. */
export interface Root {
  readonly machine: Machine;
  /** The folder of the host that has its `boot` and `lib/modules`; all of it where there is no image. */
  readonly folder: string;
  /** An ext4 image of it. */
  readonly image?: string;
  /** The folder in it that holds `bin/node`. */
  readonly node: string;
}

/** The host's own `/`, with the Node that runs the tests. */
const HOST: Root = { machine: 'x86_64', folder: '/', node: dirname(dirname(realpathSync(process.execPath))) };

/** The root that this run of the tests is for: the host's, or the one that `PTRACE_SHIM_USERLAND` names. */
export function chosenRoot(): Root {
  const suite = process.env.PTRACE_SHIM_USERLAND;
  return suite === undefined ? HOST : findUserland(suite);
}
