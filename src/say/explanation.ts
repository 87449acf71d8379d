import type { Scope } from '../kernel/cause.ts';
import { sayScope } from '../kernel/scope.ts';
import { type Change, distributionOf } from '../machine/distributions.ts';
import type { Release, ScopePackages } from '../machine/release.ts';
import { wrap } from './wrap.ts';

/** What the explanation is made from. */
export interface Circumstances {
  readonly scope: Scope;
  readonly release: Release;
  /** undefined where nothing can tell; see readScopePackages. */
  readonly packages?: ScopePackages | undefined;
  /** What we run in, and the words that lead out of it: `flatpak-spawn --host`. */
  readonly container?: { readonly kind: string; readonly wayOut?: string | undefined } | undefined;
}

/** What a value means for the one who wants to attach, in one sentence. */
export function meaningAtLength(scope: Scope): string {
  return scope === undefined ? 'no scope restricts attaching to your own processes' : SENTENCES[scope];
}

const SENTENCES = [
  'you may attach to any dumpable process of your own',
  'you may attach to descendants of the tool, and to processes that allowed it',
  'only root (CAP_SYS_PTRACE) may attach, or start a program under a tool',
  'nobody may attach, root included, until the next boot',
] as const;

/**
 * What changed, what the value means and every way on, for this machine: lines of at most 78 columns, two screens of
 * them, or, with `all`, also the history and what both sides say. Facts: the kernel's Documentation/admin-guide/LSM/
 * Yama.rst; Fedora's change pages and the packages' changelogs as linked.
 */
export function explain(circumstances: Circumstances, { all = false } = {}): string[] {
  const { scope, release } = circumstances;
  const heading =
    scope === undefined ? `${release.name}: a kernel without Yama` : `${sayScope(scope)} on ${release.name}`;
  return [
    ...wrap(heading, WIDTH),
    '',
    ...effect(scope),
    ...section('Where the value comes from', origin(circumstances)),
    ...(circumstances.container ? section('In this container', inContainer(circumstances)) : []),
    ...waysOn(scope),
    ...section('For good', forGood(circumstances)),
    ...(all
      ? [...section('How it came to this', HISTORY), ...section('What both sides say', ARGUMENTS)]
      : []),
    ...section('More', [
      ...links(release),
      ...(all ? [] : ['ptrace-shim explain --all: the history, and both sides']),
    ]),
  ];
}

function effect(scope: Scope): string[] {
  switch (scope) {
    case undefined:
      return wrap(
        'No scope restricts attaching here. When gdb -p or strace -p is refused all the same, ptrace-shim why PID names the reason: another user, a set-uid program, an existing tracer, a sandbox.',
        WIDTH,
      );
    case 0:
      return wrap(
        'You may attach to any process of your own that is dumpable. When an attach is refused all the same, the scope is not why: ptrace-shim why PID names the reason.',
        WIDTH,
      );
    case 1:
      return wrap(
        'A running process may be traced by its ancestors, by a tracer that it named itself, and by root. Starting a program under gdb or strace works as ever. gdb -p, strace -p and eu-stack -p on any other process are refused: "Operation not permitted". Core dumps and coredumpctl are not affected, and valgrind lets vgdb in by itself.',
        WIDTH,
      );
    case 2:
      return wrap(
        'Only root (CAP_SYS_PTRACE) may trace. Not only gdb -p and strace -p are refused: starting a program under them is refused too, so strace ls fails. No kernel starts like this: an administrator chose it.',
        WIDTH,
      );
    case 3:
      return wrap(
        'Nobody may trace anything, root included, and nothing but a reboot can change that: the kernel keeps 3 until then. No kernel starts like this: an administrator chose it.',
        WIDTH,
      );
  }
}

function origin(circumstances: Circumstances): string[] {
  const { scope } = circumstances;
  const usual = usualScope(circumstances);
  const told = tellOrigin(circumstances);
  if (scope === undefined || usual === undefined || scope === usual) return told;
  return [...told, `Here it is ${scope} all the same: ptrace-shim status looks for the file that sets it.`];
}

/** What a machine in these circumstances boots with when nobody has chosen otherwise. */
function usualScope({ release, packages }: Circumstances): Scope {
  if (release.restrictsByDefault === undefined) return undefined;
  return release.restrictsByDefault && !packages?.yamaPtraceEnable ? 1 : 0;
}

function tellOrigin({ release, packages }: Circumstances): string[] {
  const { origin, change } = distributionOf(release.family);
  if (change === undefined) return [origin];
  if (release.restrictsByDefault) return [tellChange(change), tellEnable(release, packages)];
  const lacks = release.family === 'fedora' && packages?.defaultYamaScope === false;
  return [origin, ...(lacks ? ['elfutils-default-yama-scope is not installed here.'] : [])];
}

function tellChange({ first, before }: Change): string {
  return `Up to ${before} a package set 0 on nearly every machine. From ${first} on the kernel's own default, 1, holds: installing a debugger may bring a package that sets 0 again, for the whole machine.`;
}

function tellEnable(release: Release, packages: ScopePackages | undefined): string {
  if (packages?.yamaPtraceEnable) {
    return `That package, ${packages.yamaPtraceEnable}, is installed here: every boot sets 0.`;
  }
  const known = packages ? 'is not installed here' : 'may be installed here: there is no rpm to ask';
  return `That package, ${enablePackage(release)}, ${known}.`;
}

function inContainer({ container }: Circumstances): string[] {
  const there = container?.wayOut
    ? `run the tool there: ${container.wayOut} gdb -p PID`
    : 'run the tool there, not in here';
  return [
    `The value is the host's, and whatever changes it has to be typed there. For a process of the host, ${there}. For one of this container: sudo gdb -p PID.`,
  ];
}

/** How to attach without changing the value for good. */
function waysOn(scope: Scope): string[] {
  switch (scope) {
    case undefined:
    case 0:
      return [];
    case 1:
      return [
        ...section('Stay at 1 and attach', []),
        ...table([
          ['gdb -p PID', 'when it is refused, the shim offers a way'],
          ['gdb --args PROGRAM', 'start it under the tool'],
          ['ptrace-shim run -- PROGRAM', 'start it open to your own tools'],
          ['ptrace-shim with PID -- COMMAND', 'let one command in, and what it starts'],
          ['ptrace-shim allow PID', "let in all of your tools, an editor's too"],
          ['sudo gdb -p PID', 'all of gdb as root, its scripts too'],
        ]),
      ];
    case 2:
      return [
        ...section('Stay at 2 and attach', []),
        ...table([
          ['gdb -p PID', 'the shim offers a window, if you are admin'],
          ['sudo gdb -p PID', 'all of gdb as root, its scripts too'],
          ['unshare -r gdb --args PROGRAM', 'start it: as root of its own namespace'],
          ['ptrace-shim run -- PROGRAM', 'start it open to your own tools'],
        ]),
      ];
    case 3:
      return section('Until the next boot', [
        'Read what you can without tracing: core dumps (gcore is refused, coredumpctl is not), logs, /proc/PID/status. ptrace-shim status names the file that will set the value at the next boot; change it, then reboot.',
      ]);
  }
}

function forGood({ scope, release, packages }: Circumstances): string[] {
  if (scope === undefined) return ['Nothing to change: a kernel without Yama has no such setting.'];
  const enable = packages?.yamaPtraceEnable;
  const rows: [string, string][] = [];
  if (enable) rows.push([`sudo dnf remove ${enable}`, '1, from the next boot on']);
  rows.push([
    'ptrace-shim set 1 --permanent',
    enable ? '1, and the package may stay' : '1: protected, and the shims help',
  ]);
  const install = release.atomic || enable ? undefined : enablePackage(release);
  if (install) rows.push([`sudo dnf install ${install}`, "0, the distribution's own way"]);
  rows.push(['ptrace-shim set 0 --permanent', '0, by one file in /etc/sysctl.d']);
  if (scope !== 3) rows.push(['ptrace-shim set 0', '0, until the next boot']);
  rows.push(['ptrace-shim set default', 'take back what we wrote']);
  return [
    ...table(rows),
    ...(release.atomic ? ['/etc is your own on this image: no package needs to be layered.'] : []),
    'The price of 0: each of your programs may read and change every other one. Whoever takes over one of them (a browser, an npm script) gets at the passwords and keys in all. Of 1: attaching needs a word with the shim, or a password. Of 2: every strace and gdb needs root.',
  ];
}

/** The package that sets 0 where the distribution restricts by default and offers one. */
export function enablePackage({ family, restrictsByDefault }: Release): string | undefined {
  return restrictsByDefault ? distributionOf(family).change?.undoneBy : undefined;
}

const HISTORY = [
  '2015: Fedora switched Yama on in its kernel. gdb -p and strace -p stopped working, so elfutils got a package that sets 0, which nearly every machine had from then on (bugs 1196825, 1209492, 1234951, 1250079 at bugzilla.redhat.com).',
  '2025: a first proposal to go back to 1, together with two other settings, was withdrawn (discussion.fedoraproject.org/t/163535). A second one, for Fedora 44, was to remove the package (t/174493); voted on again in January 2026 (t/179502), it did not become part of Fedora 44.',
  '2026: people of both sides wrote a third one together, and Fedora 45 has it: restricted by default, and installing debugging tools may bring the old behaviour back (t/180476, FESCo issue 3569, bug 2448388). elfutils and strace recommend the package yama-ptrace-enable; a recommended package stays out with install_weak_deps=False, and after it was removed.',
];

const ARGUMENTS = [
  "For 1: a program that was taken over can't read the memory of its siblings, so a hole in a browser or a chat program does not open the keyring as well. Few people ever attach to anything, and everybody is protected.",
  'For 0: attaching is how developers find out why something hangs, and it should not take an hour to learn why it fails. Whoever runs the debugger as root instead gives it, and every script it loads, far more than the scope protects. A program that runs as you can harm you in other ways.',
];

function links(release: Release): string[] {
  const fedora = distributionOf(release.family).change
    ? ['https://fedoraproject.org/wiki/Changes/Restrict_ptrace_by_default']
    : [];
  return ['https://docs.kernel.org/admin-guide/LSM/Yama.html', ...fedora, 'ptrace-scope-troubleshooting(7)'];
}

const WIDTH = 78;

/** A heading with its paragraphs, an empty line before it. Lines that are indented already are left alone. */
function section(title: string, paragraphs: readonly string[]): string[] {
  return [
    '',
    title,
    ...paragraphs.flatMap((text) => (text.startsWith(' ') ? [text] : wrap(text, WIDTH, '  '))),
  ];
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
