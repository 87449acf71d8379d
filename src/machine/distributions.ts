/** Distributions that come to their scope in the same way. */
export interface Distribution {
  /** By which IDs of os-release(5) it is known, its own or one that it says it is like. */
  readonly ids: readonly string[];
  /** The version from which on a plain installation boots at 1; or whether each does, undefined where we do not know. */
  readonly restricts: number | boolean | undefined;
  /** What sets its scope; where `change` is there, before that. */
  readonly origin: string;
  /** What brought the scope back to the kernel's default, for those that once set 0 by a package. */
  readonly change?: Change;
}

export interface Change {
  /** The first release that keeps 1, and the version before it. */
  readonly first: string;
  readonly before: string;
  /** The package that sets 0 at every boot again. */
  readonly undoneBy: string;
}

const YAMA_PTRACE_ENABLE = 'yama-ptrace-enable';

/**
 * Facts: Fedora's change Restrict_ptrace_by_default; Amazon Linux 2027 names the package its own way; Ubuntu's procps;
 * Debian patches its kernel to 0.
 */
const DISTRIBUTIONS = {
  fedora: {
    ids: ['fedora'],
    restricts: 45,
    origin:
      "Fedora up to 44 sets 0 at boot, by the package elfutils-default-yama-scope, which most machines have. Fedora 45 keeps the kernel's own default, 1, unless the package yama-ptrace-enable is installed.",
    change: { first: 'Fedora 45', before: '44', undoneBy: YAMA_PTRACE_ENABLE },
  },
  rhel: {
    ids: ['rhel', 'centos', 'rocky', 'almalinux'],
    restricts: 11,
    origin: 'RHEL up to 10 sets 0 at boot, by the package elfutils-default-yama-scope. RHEL 11 keeps 1.',
    change: { first: 'RHEL 11', before: '10', undoneBy: YAMA_PTRACE_ENABLE },
  },
  amazon: {
    ids: ['amzn'],
    restricts: 2027,
    origin:
      'Amazon Linux up to 2023 sets 0 at boot, by the package elfutils-default-yama-scope. The 2027 one keeps 1.',
    change: { first: 'Amazon Linux 2027', before: '2023', undoneBy: 'elfutils-yama-ptrace-enable' },
  },
  ubuntu: {
    ids: ['ubuntu'],
    restricts: true,
    origin: 'Ubuntu sets 1 at boot, in /etc/sysctl.d/10-ptrace.conf.',
  },
  debian: {
    ids: ['debian'],
    restricts: false,
    origin: "Debian's kernel starts with 0, where others start with 1.",
  },
  arch: {
    ids: ['arch'],
    restricts: true,
    origin: "Arch Linux keeps the kernel's own default, 1.",
  },
  opensuse: {
    ids: ['opensuse-tumbleweed', 'opensuse-leap', 'opensuse'],
    restricts: true,
    origin: "openSUSE keeps the kernel's own default, 1.",
  },
  other: {
    ids: [],
    restricts: undefined,
    origin: "The kernel's own default is 1. ptrace-shim status names the file that changes it, if one does.",
  },
} as const satisfies Record<string, Distribution>;

export type Family = keyof typeof DISTRIBUTIONS;

/** What is known of a family. */
export function distributionOf(family: Family): Distribution {
  return DISTRIBUTIONS[family];
}

/** Every package that sets 0 at each boot, by the names of all distributions. */
export const UNDOING = Object.values<Distribution>(DISTRIBUTIONS).flatMap(
  ({ change }) => change?.undoneBy ?? [],
);

/** The family of the first of these IDs that we know. */
export function findFamily(ids: readonly string[]): Family {
  const families = Object.keys(DISTRIBUTIONS) as Family[];
  for (const id of ids) {
    const family = families.find((name) => distributionOf(name).ids.includes(id));
    if (family !== undefined) return family;
  }
  return 'other';
}

/** Does a plain installation of this version boot with a scope of 1 or more? undefined: we do not know. */
export function restrictsByDefault(family: Family, version: string): boolean | undefined {
  const { restricts } = distributionOf(family);
  if (typeof restricts !== 'number') return restricts;
  return !(Number.parseInt(version, 10) < restricts); // an unnumbered one is newer than any number
}
