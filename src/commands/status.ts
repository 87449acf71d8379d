import { readScope, renderScope, SCOPE_NAMES, sayScope } from '../kernel/scope.ts';
import { readSelinux } from '../kernel/selinux.ts';
import { readContainer } from '../machine/container.ts';
import {
  type PermissionRecord,
  readPermissions,
  readWindows,
  type WindowRecord,
} from '../machine/history.ts';
import { readRelease, readScopePackages } from '../machine/release.ts';
import { bootParameters, type NextBoot, predictNextBoot } from '../machine/sysctl.ts';
import { enablePackage, meaningAtLength } from '../say/explanation.ts';
import { renderHostile } from '../terminal.ts';
import { colors } from './colors.ts';
import type { AddCommand } from './command.ts';

/** `ptrace-shim status`: what the machine allows now, what it will after a reboot, and why. */
export const addStatus: AddCommand = (command) => {
  command
    .option('--json', 'print an object')
    .addHelpText('after', DETAILS)
    .action(async ({ json }: { json?: boolean }) => {
      const status = await readMachine();
      process.stdout.write(json ? `${JSON.stringify(toJson(status))}\n` : renderMachine(status));
    });
};

const DETAILS = `
JSON: {"scope": 1, "meaning": "restricted", "nextBoot": {...}, ...}
  scope      0 to 3; null in a kernel without Yama
  meaning    classic, restricted, admin-only or no-attach; null likewise
  nextBoot   scope; decidedBy: {"file", "line"} in sysctl.d, null when it is the
             kernel's own default or command line; unreadable: files that may
             say otherwise
  release    id, version, family, name, atomic, restrictsByDefault (or null)
  packages   defaultYamaScope, yamaPtraceEnable: installed? null but on Fedora
  selinux    denyPtrace (null: none of this policy, or not to be read),
             enforcing; null where SELinux is off
  container  kind, name; null on a host
  windows    open, recent: uid, tool, targets, found, during, closed, ms, ended
  permissions  given, uid, tool, targets, tracer (a process id, any or none)
`;

export type Machine = Awaited<ReturnType<typeof readMachine>>;

/** Everything that status tells; `root` is where the machine's files are. */
export async function readMachine(root = '/') {
  const at = (path: string) => `${root === '/' ? '' : root}${path}`;
  const release = readRelease(root);
  return {
    scope: readScope(at('/proc')),
    nextBoot: predictNextBoot(root),
    bootParameter: bootParameters(root).at(-1),
    release,
    packages: await readScopePackages(release),
    selinux: readSelinux(at('/sys')),
    container: readContainer(root),
    windows: readWindows(at('/run/ptrace-shim'), at('/proc')),
    permissions: readPermissions(at('/run/ptrace-shim')),
  };
}

/** What a script reads: absent facts are null. */
export function toJson(machine: Machine) {
  const { scope, nextBoot, release, packages, selinux, container, windows, permissions } = machine;
  return {
    scope: scope ?? null,
    meaning: scope === undefined ? null : SCOPE_NAMES[scope],
    nextBoot: { ...nextBoot, scope: nextBoot.scope ?? null },
    release: { ...release, restrictsByDefault: release.restrictsByDefault ?? null },
    packages: packages ? { ...packages, yamaPtraceEnable: packages.yamaPtraceEnable !== undefined } : null,
    selinux: selinux ?? null,
    container: container ?? null,
    windows,
    permissions,
  };
}

/** What a person reads. */
export function renderMachine(machine: Machine): string {
  const { scope, nextBoot } = machine;
  const heading = scope === undefined ? 'this kernel has no Yama' : sayScope(scope);
  const rows = [
    ...(scope === undefined ? [] : [['next boot', renderNextBoot(nextBoot, machine.bootParameter)]]),
    ...nextBoot.unreadable.map((file) => [
      '',
      `${renderHostile(file)} may say otherwise: you may not read it`,
    ]),
    ['release', renderRelease(machine)],
    ...renderPackages(machine).map((text) => ['package', text]),
    ['SELinux', renderSelinux(machine.selinux)],
    ...(machine.container ? [['container', renderContainer(machine.container)]] : []),
    ...machine.windows.open.map((window) => ['open now', renderWindow(window)]),
    ...[...machine.permissions.map(renderPermission), ...machine.windows.recent.map(renderWindow)].map(
      (text, i) => [i === 0 ? 'recently' : '', text],
    ),
  ];
  return [
    colors.bold(heading),
    `  ${meaningAtLength(scope)}`,
    '',
    ...rows.map(([label, text]) => `  ${colors.dim(label!.padEnd(9))}  ${text}`),
    '',
  ].join('\n');
}

/** `0 (classic), by /etc/sysctl.d/60-ptrace-shim.conf:9` */
export function renderNextBoot({ scope, decidedBy }: NextBoot, bootParameter?: string): string {
  const source = bootParameter === undefined ? "the kernel's own default" : 'the kernel command line';
  const by = decidedBy ? `by ${renderHostile(decidedBy.file)}:${decidedBy.line}` : source;
  return `${renderScope(scope)}, ${by}`;
}

function renderRelease({ release }: Machine): string {
  const { restrictsByDefault, atomic } = release;
  const habit =
    restrictsByDefault === undefined
      ? ''
      : restrictsByDefault
        ? ', restricts by default'
        : ', classic by default';
  return `${renderHostile(release.name)}${atomic ? ' (atomic)' : ''}${habit}`;
}

function renderPackages({ release, packages }: Machine): string[] {
  if (!packages) return [];
  if (packages.yamaPtraceEnable) return [`${packages.yamaPtraceEnable} is installed: it sets 0 at boot`];
  if (release.restrictsByDefault) {
    const enable = enablePackage(release);
    return enable ? [`${enable} is not installed`] : [];
  }
  const { defaultYamaScope } = packages;
  return [
    `elfutils-default-yama-scope is ${defaultYamaScope ? 'installed: it sets 0 at boot' : 'not installed'}`,
  ];
}

function renderSelinux(selinux: Machine['selinux']): string {
  if (!selinux) return 'off';
  if (selinux.denyPtrace === null) return 'deny_ptrace cannot be read, or is none of this policy';
  if (!selinux.denyPtrace) return 'deny_ptrace is off';
  return selinux.enforcing
    ? 'deny_ptrace is on: every attach is refused'
    : 'deny_ptrace is on, but not enforced';
}

function renderContainer({ kind, name }: NonNullable<Machine['container']>): string {
  const what = name ? `${kind} (${renderHostile(name)})` : kind;
  return kind === 'wsl' ? 'WSL' : `${what}: the scope is the host's, and its processes are out of reach`;
}

/** `gdb (4250) let in to 4242, by uid 2000, 2026-11-24T18:00:00Z` */
export function renderPermission({ given, uid, tool, targets, tracer }: PermissionRecord): string {
  const who = { any: 'every tool', none: 'nobody any more' }[tracer] ?? `${tool} (${tracer})`;
  return renderHostile(`${who} let in to ${targets.join(', ')}, by uid ${uid}, ${given}`);
}

/** `0 for gdb on 4242, by uid 2000, 120 ms, attached, 2026-11-24T18:00:00Z` */
function renderWindow({ uid, tool, targets, during, ms, ended, closed }: WindowRecord): string {
  const what = targets.length > 0 ? ` on ${targets.join(', ')}` : '';
  const past = closed === undefined ? '' : `, ${ms} ms, ${ended}, ${closed}`;
  return renderHostile(`${during} for ${tool}${what}, by uid ${uid}${past}`);
}
