import { basename } from 'node:path';
import { Ended, Failure } from '../failure.ts';
import { become } from '../handover/become.ts';
import { findNamespace, findPermitter, type Permitter } from '../handover/permitter.ts';
import { hasPtraceCapability, readStatus } from '../kernel/proc-status.ts';
import { readScope, sayScope } from '../kernel/scope.ts';
import { openVoice } from '../say/voice.ts';
import type { AddCommand } from './command.ts';
import { checkProgram, readLastWords, renderWords } from './words.ts';

/** `ptrace-shim run`: a program that one's own tools may attach to later, although they are no ancestors of it. */
export const addRun: AddCommand = (command) => {
  command
    .usage('[--tree] -- <command> [<args>...]')
    .argument('<command>', 'the program')
    .argument('[args...]', 'its arguments')
    .option('--tree', 'to all that it starts, too, and these to each other')
    .passThroughOptions()
    .addHelpText('after', DETAILS)
    .action(async (_: string, args: string[], { tree = false }: { tree?: boolean }) => {
      throw new Ended(await run(readLastWords(args.length + 1), tree));
    });
};

const DETAILS = `
The program permits whatever runs as you to trace it: prctl(PR_SET_PTRACER),
called by setpriv (util-linux 2.41 or later), perl or python3. This holds at
scope 1 only, until the program ends, and not for its children.
With --tree, and at scope 2, the program gets a user namespace of its own in
place of that. It holds for all that it starts, and at 2 as well. The price:
set-uid programs (sudo, ping) do not work in there, and the files of other
users appear as nobody's.
At 0, neither is needed, and the program is started as it is; at 3 nothing is.
No password is asked for. With nohup: ptrace-shim run -- nohup <command>

Exit status: the command's own; 127 not found, 126 cannot be executed, 128 + n
ended by signal n, 1 nothing was started.
`;

async function run(words: readonly string[], tree: boolean): Promise<number> {
  checkProgram(words[0]!);
  const scope = readScope();
  const self = readStatus('self');
  if (!scope || (self && hasPtraceCapability(self) && scope !== 3)) return become({ words });
  if (scope === 3) throw new Failure(`${sayScope(scope)}: nothing helps`, { help: 'ptrace-shim explain' });
  const way = tree || scope === 2 ? byNamespace(scope) : byPermission();
  const name = renderWords([basename(words[0]!)], 40);
  openVoice(2).say(`ptrace-shim: your tools may attach to ${name}${way.says} (by ${way.permitter.name})`);
  return become({ words, through: way.permitter.words });
}

interface Way {
  readonly permitter: Permitter;
  /** What it is good for, and its price. */
  readonly says: string;
}

function byPermission(): Way {
  const permitter = findPermitter();
  if (permitter !== undefined) return { permitter, says: ', at scope 1 only, and not to its children' };
  throw new Failure(
    'setpriv has no --ptracer (util-linux before 2.41), and there is no perl or python3 that works',
    {
      help: 'ptrace-shim run --tree -- COMMAND, or start it as it is, then: ptrace-shim with PID -- COMMAND',
    },
  );
}

function byNamespace(scope: 1 | 2): Way {
  const permitter = findNamespace();
  const says = ' and all that it starts; set-uid programs, as sudo, do not work in there';
  if (permitter !== undefined) return { permitter, says };
  const without = scope === 2 ? ', and at scope 2 the permission of a program does not count' : '';
  throw new Failure(`this system lets you make no user namespace${without}`, {
    help: 'start it as it is, then: ptrace-shim with PID -- COMMAND',
  });
}
