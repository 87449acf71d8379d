import { Argument } from '../commander.ts';
import { Failure } from '../failure.ts';
import { readScope, renderScope } from '../kernel/scope.ts';
import { hostCommand, readContainer, sayContainer } from '../machine/container.ts';
import { readRelease } from '../machine/release.ts';
import { bootParameters, predictNextBoot, predictWithoutOurs } from '../machine/sysctl.ts';
import { type SetRequest, setAsRoot } from '../root/set-scope.ts';
import { enablePackage } from '../say/explanation.ts';
import { openVoice } from '../say/voice.ts';
import { readSettings } from '../settings.ts';
import type { AddCommand } from './command.ts';
import { renderNextBoot } from './status.ts';

interface Options {
  readonly permanent?: boolean;
  readonly yes?: boolean;
}

/** `ptrace-shim set`: the scope now and for good. */
export const addSet: AddCommand = (command) => {
  command
    .addArgument(new Argument('<value>', 'the new value').choices(['0', '1', '2', '3', 'default']))
    .option('--permanent', 'write a file in /etc/sysctl.d too')
    .option('-y, --yes', 'ask nothing')
    .addHelpText('after', DETAILS)
    .action(async (value: Value | '3', options: Options) => {
      if (value === '3') throw noAttach();
      checkPossible(value, options);
      if (value === '2' && !options.yes) await confirmAdminOnly();
      const { settings } = readSettings();
      report(await setAsRoot(toRequest(value, options), settings.elevate), value, options);
    });
};

type Value = '0' | '1' | '2' | 'default';

const DETAILS = `
Values:
  0        classic: attach to any process of your own
  1        restricted: to descendants, and where it is allowed; the shims help
  2        admin-only: root alone may trace, and strace ls fails too; asks first
  3        refused: nothing but a reboot leads back
  default  remove what --permanent wrote, and return to what holds without it

--permanent writes /etc/sysctl.d/60-ptrace-shim.conf, or for 0 a copy of
systemd's own 20-yama-ptrace.conf where the system has it. No other file is ever
touched. You are asked for the administrator's password.
`;

function noAttach(): Failure {
  return new Failure('3 is not set from here: nobody could trace anything until a reboot, root included', {
    help: 'ptrace-shim set 2',
  });
}

function checkPossible(value: Value, { permanent }: Options): void {
  const scope = readScope();
  if (value === 'default' && permanent) throw new Failure('default takes no --permanent', { status: 2 });
  if (scope === undefined) throw new Failure('this kernel has no Yama, and so no ptrace_scope to set');
  const container = readContainer();
  if (container && container.kind !== 'wsl') {
    const words = hostCommand(container, ['sudo', 'sysctl', `kernel.yama.ptrace_scope=${value}`]);
    throw new Failure(`this is a ${sayContainer(container)}: the scope is the host's`, {
      ...(words && value !== 'default' ? { help: words.join(' ') } : {}),
    });
  }
  if (scope === 3 && !permanent && value !== 'default') {
    throw new Failure('kernel.yama.ptrace_scope is 3 (no-attach), which stays until the next boot', {
      help: `ptrace-shim set ${value} --permanent, then reboot`,
    });
  }
}

async function confirmAdminOnly(): Promise<void> {
  process.stderr.write(ADMIN_ONLY);
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure('there is no terminal to ask at', { help: 'ptrace-shim set 2 --yes' });
  }
  const { select } = await import('../say/select.ts');
  const options = [
    { value: false, name: 'No', does: '' },
    { value: true, name: 'Yes', does: '' },
  ];
  const sure = await select('Set it to 2?', options, openVoice(2));
  if (!sure) throw new Failure('nothing was changed');
}

const ADMIN_ONLY = `At 2 (admin-only) root alone may trace:
  gdb -p, strace -p     refused on every process, your own children too
  gdb ./prog, strace ls refused as well: nothing can be started under a tool
  crash reporters, rr, IDE debuggers and sandboxes that trace: the same
`;

function toRequest(value: Value, { permanent }: Options): SetRequest {
  if (value !== 'default') return [permanent ? 'permanent' : 'now', value];
  const { scope } = predictWithoutOurs();
  return ['default', scope === undefined || scope === 3 ? '-' : `${scope}`];
}

/** What was done, what holds now and what the next boot makes of it. */
function report(done: readonly string[], value: Value, { permanent }: Options): void {
  const next = predictNextBoot();
  const files = done.filter((line) => /^(wrote|removed) /.test(line));
  const lines = [
    ...files,
    `now: ${renderScope(readScope())}`,
    `next boot: ${renderNextBoot(next, bootParameters().at(-1))}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const other = permanent && value === '0' ? ownPackage() : undefined;
  if (other) process.stdout.write(`note: the distribution's own way is sudo dnf install ${other}\n`);
  if (permanent && String(next.scope) !== value && next.decidedBy) {
    const { file, line } = next.decidedBy;
    throw new Failure(
      `${file}:${line} is read later and wins: the next boot has ${renderScope(next.scope)}`,
      {
        help: `take kernel.yama.ptrace_scope out of ${file}`,
      },
    );
  }
}

function ownPackage(): string | undefined {
  const release = readRelease();
  return release.atomic ? undefined : enablePackage(release);
}
