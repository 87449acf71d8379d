import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { distributionOf, type Family, findFamily, restrictsByDefault, UNDOING } from './distributions.ts';

/** The distribution we run on. */
export interface Release {
  /** ID and VERSION_ID of os-release(5); a rolling release has no version. */
  readonly id: string;
  readonly version: string;
  readonly family: Family;
  /** What a person calls it: "Fedora Linux 45 (Workstation Edition)". */
  readonly name: string;
  /** An image that is booted whole (Silverblue, Kinoite, bootc): packages are layered, /etc is one's own. */
  readonly atomic: boolean;
  /** Does a plain installation boot with a scope of 1 or more? undefined: we do not know. */
  readonly restrictsByDefault: boolean | undefined;
}

/** Fedora's packages that set the scope to 0 at boot: the old one for everybody, the new one by choice. */
export interface ScopePackages {
  readonly defaultYamaScope: boolean;
  /** Its name, which differs on Amazon Linux, when it is installed. */
  readonly yamaPtraceEnable: string | undefined;
}

/**
 * The distribution we run on, from os-release(5) under `root`. Nothing readable there: an unnamed one of no family.
 * It is `atomic` where rpm-ostree or bootc booted it, which leaves /run/ostree-booted.
 */
export function readRelease(root = '/'): Release {
  const fields = readOsRelease(root);
  const id = fields.get('ID') ?? 'linux';
  const version = fields.get('VERSION_ID') ?? '';
  const family = findFamily([id, ...(fields.get('ID_LIKE') ?? '').split(/\s+/)]);
  const name = fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? 'this system';
  const atomic = existsSync(join(root, 'run/ostree-booted'));
  return { id, version, family, name, atomic, restrictsByDefault: restrictsByDefault(family, version) };
}

/**
 * Which of Fedora's packages for the scope are installed; undefined where there is no rpm to ask, or none of its own:
 * Debian's makes a database in the home of whoever asks.
 */
export async function readScopePackages({ family }: Release): Promise<ScopePackages | undefined> {
  if (distributionOf(family).change === undefined) return undefined;
  const names = ['elfutils-default-yama-scope', ...new Set(UNDOING)];
  // The status counts the missing ones; what is installed stands alone on its line.
  const { stdout, failed, exitCode } = await execa('rpm', ['-q', '--qf', '%{NAME}\\n', ...names], {
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore',
    env: { LC_ALL: 'C' },
  });
  if (failed && exitCode === undefined) return undefined;
  const installed = stdout.split('\n').filter((line) => names.includes(line));
  return {
    defaultYamaScope: installed.includes('elfutils-default-yama-scope'),
    yamaPtraceEnable: installed.find((name) => UNDOING.includes(name)),
  };
}

function readOsRelease(root: string): Map<string, string> {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    try {
      return parseOsRelease(readFileSync(join(root, path), 'utf8'));
    } catch {
      // The second place is for systems with an empty /etc.
    }
  }
  return new Map();
}

/** Assignments as a shell reads them, without expansion: that is all os-release(5) allows. */
function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const [, , quoted] = /^(["'])(.*)\1$/.exec(value) ?? [];
    fields.set(key, (quoted ?? value).replace(/\\(["'$`\\])/g, '$1'));
  }
  return fields;
}
