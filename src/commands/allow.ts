import { Failure, unchanged, whyNot } from '../failure.ts';
import { readScope } from '../kernel/scope.ts';
import type { Process } from '../kernel/stat.ts';
import { leadersOf } from '../kernel/target.ts';
import { readForeignContainer } from '../machine/container.ts';
import { whyNotLetIn } from '../remedy/let-in.ts';
import { findHelperElevator } from '../root/elevator.ts';
import { type Admitted, givePermission } from '../root/give-permission.ts';
import { openVoice } from '../say/voice.ts';
import { readSettings } from '../settings.ts';
import type { AddCommand } from './command.ts';
import { findOwnTargets, identifyTarget, parsePid } from './targets.ts';

interface Options {
  readonly tracer?: number;
  readonly revoke?: boolean;
  readonly json?: boolean;
}

/** `ptrace-shim allow`: a running program lets in your own tools, for whatever no shim can see. */
export const addAllow: AddCommand = (command) => {
  command
    .argument('<target...>', 'process id or process name (all of yours of that name)')
    .option('--tracer <pid>', 'let in this process alone, and what it starts', parsePid)
    .option('--revoke', 'let in nobody any more')
    .option('--json', 'print an object')
    .addHelpText('after', DETAILS)
    .action(async (names: string[], options: Options) => {
      if (options.revoke && options.tracer !== undefined) {
        throw new Failure('--revoke takes no --tracer', { status: 2 });
      }
      const targets = await allow(names, options);
      process.stdout.write(
        options.json ? `${JSON.stringify(toJson(targets, options))}\n` : render(targets, options),
      );
    });
};

const DETAILS = `
For an editor's debugger, or a tool that is called by its path: whatever comes
to no shim. The scope stays 1. The program lets in every process of yours, as if
it had been started by "ptrace-shim run", until it ends or "allow --revoke".
With --tracer it lets in that process alone, until that ends. You are asked for
a password. A permission that the program has given itself is replaced.

Exit status: 0 done, 1 nothing was changed, 2 wrong usage, 130 the
authentication was cancelled.

JSON: {"targets": [4242], "tracer": "any"}
  tracer    any, none or a process id
`;

async function allow(names: readonly string[], options: Options): Promise<readonly Process[]> {
  const { settings } = readSettings();
  const scope = readScope();
  const targets = findOwnTargets(names).map(identifyTarget);
  const elevator = findHelperElevator({ scope, container: readForeignContainer() }, settings.elevate);
  const reason = whyNot(elevator) ?? whyNotLetIn(scope, targets);
  if (reason !== undefined) {
    throw new Failure(reason, { help: scope === 1 ? undefined : 'ptrace-shim explain' });
  }
  const processes = leadersOf(targets);
  const why = await givePermission(processes, admitted(options), elevator, openVoice(2));
  if (why === undefined) return processes;
  throw unchanged(why);
}

function admitted({ tracer, revoke }: Options): Admitted {
  if (revoke) return 'none';
  return tracer === undefined ? 'any' : identifyTarget(tracer);
}

function toJson(targets: readonly Process[], { tracer, revoke }: Options) {
  return { targets: targets.map(({ pid }) => pid), tracer: revoke ? 'none' : (tracer ?? 'any') };
}

function render(targets: readonly Process[], { tracer, revoke }: Options): string {
  const who = targets.map(({ pid }) => pid).join(' ');
  if (revoke) return `${who}: lets in nobody any more\n`;
  const whom = tracer === undefined ? 'every tool of yours' : `process ${tracer} and what it starts`;
  return `${who}: lets in ${whom}\n  note: ptrace-shim allow --revoke ${who} ends that\n`;
}
