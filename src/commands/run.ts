import { basename } from 'node:path';
import { Failure } from '../failure.ts';
import { become } from '../handover/become.ts';
import { readScope, sayScope } from '../kernel/scope.ts';
import { hasPtraceCapability, readStatus } from '../kernel/status.ts';
import { findPermitter } from '../remedy/permit.ts';
import { openVoice } from '../remedy/speak.ts';
import type { AddCommand } from './command.ts';
import { checkProgram, readLastWords, renderWords } from './words.ts';

/** `ptrace-shim run`: a program that one's own tools may attach to later, although they are no ancestors of it. */
export const addRun: AddCommand = (program) => {
  program
    .command('run')
    .description('start a program that any of your own tools may attach to later')
    .usage('-- <command> [<args>...]')
    .argument('<command>', 'the program')
    .argument('[args...]', 'its arguments')
    .passThroughOptions()
    .addHelpText('after', DETAILS)
    .action(async (_: string, args: string[]) => {
      process.exitCode = await run(readLastWords(args.length + 1));
    });
};

const DETAILS = `
The program permits whatever runs as you to trace it: prctl(PR_SET_PTRACER),
called by setpriv (util-linux 2.41 or later), perl or python3. This holds at
scope 1 only, until the program ends, and not for its children. At 0 it is not
needed; at 2 and 3 it does not count, and nothing is started. At 2 your tools
may attach to a program in a user namespace that you made: unshare -r <command>
No password is asked for. With nohup: ptrace-shim run -- nohup <command>

Exit status: the command's own; 127 not found, 126 cannot be executed, 128 + n
ended by signal n, 1 nothing was started.
`;

async function run(words: readonly string[]): Promise<number> {
  checkProgram(words[0]!);
  const scope = readScope();
  const self = readStatus('self');
  if (!scope || (self && hasPtraceCapability(self) && scope !== 3)) return become({ words });
  if (scope === 2 || scope === 3) {
    throw new Failure(`${sayScope(scope)}, where the permission of a program does not count`, {
      help:
        scope === 2
          ? 'unshare -r COMMAND, or start it as it is, then: ptrace-shim with PID -- COMMAND'
          : 'ptrace-shim explain',
    });
  }
  const permitter = findPermitter();
  if (permitter === undefined) {
    throw new Failure(
      'setpriv has no --ptracer (util-linux before 2.41), and there is no perl or python3 that works',
      {
        help: 'start it as it is, then: ptrace-shim with PID -- COMMAND',
      },
    );
  }
  const name = renderWords([basename(words[0]!)], 40);
  openVoice(2).say(
    `ptrace-shim: your tools may attach to ${name}, at scope 1 only, and not to its children (by ${permitter.name})`,
  );
  return become({ words, through: permitter.words });
}
