import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands between us and the machine's own processes. */
export interface Container {
  readonly kind: 'toolbox' | 'distrobox' | 'podman' | 'docker' | 'flatpak' | 'wsl' | 'container';
  /** The name the person gave it, where it tells. */
  readonly name?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The container that we run in, by the marker files that each leaves under `root`; undefined on a plain host. WSL
 * counts: its kernel is Microsoft's and may have no Yama.
 *
 * Sources: containers/toolbox src/cmd/initContainer.go (.toolbxenv, and .toolboxenv of old), podman-run(1)
 * (.containerenv), distrobox (CONTAINER_ID, and its own program for reaching the host), flatpak-metadata(5).
 */
export function readContainer(root = '/', env: Environment = process.env): Container | undefined {
  const has = (path: string) => existsSync(join(root, path));
  if (has('.flatpak-info')) return named('flatpak', read(root, '.flatpak-info'));
  const podman = has('run/.containerenv') ? read(root, 'run/.containerenv') : undefined;
  if (has('run/.toolbxenv') || has('run/.toolboxenv')) return named('toolbox', podman);
  // sudo takes CONTAINER_ID away; the program stays.
  if (env.CONTAINER_ID || has('usr/bin/distrobox-host-exec')) return named('distrobox', podman);
  if (podman !== undefined) return named('podman', podman);
  if (has('.dockerenv')) return { kind: 'docker' };
  if (env.container) return { kind: 'container' };
  if (/microsoft/i.test(read(root, 'proc/sys/kernel/osrelease'))) return { kind: 'wsl' };
  return undefined;
}

/** The same where the scope, and the processes under it, are another machine's: WSL is one of its own. */
export function readForeignContainer(): Container | undefined {
  const container = readContainer();
  return container?.kind === 'wsl' ? undefined : container;
}

/** `words` as they are typed to run on the host instead; undefined where the container has no such way out. */
export function hostCommand(container: Container, words: readonly string[]): string[] | undefined {
  switch (container.kind) {
    case 'toolbox':
    case 'flatpak':
      return ['flatpak-spawn', '--host', ...words];
    case 'distrobox':
      return ['distrobox-host-exec', ...words];
    default:
      return undefined;
  }
}

function named(kind: Container['kind'], text = ''): Container {
  const name = /^name="?([^"\n]+)/m.exec(text)?.[1];
  return name ? { kind, name } : { kind };
}

function read(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}
