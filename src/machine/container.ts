import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INITIAL_USER_NAMESPACE, isInitialPidNamespace, readUserNamespace } from '../kernel/namespace.ts';

/** What stands between us and the machine's own processes. */
export interface Container {
  readonly kind: 'toolbox' | 'distrobox' | 'podman' | 'docker' | 'flatpak' | 'wsl' | 'container';
  /** The name the person gave it, where it tells. */
  readonly name?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The container that we run in; undefined on a plain host. The kernel decides whether we are in one: by our user and pid
 * namespaces. A marker file under `root` or a variable only names the kind, because both outlive their container: the
 * root file system of a machine may come from a container's image. WSL counts: its kernel is Microsoft's and may have no
 * Yama.
 *
 * Sources: containers/toolbox src/cmd/initContainer.go (.toolbxenv, and .toolboxenv of old), podman-run(1)
 * (.containerenv), distrobox (CONTAINER_ID, and its own program for reaching the host), flatpak-metadata(5).
 */
export function readContainer(root = '/', env: Environment = process.env): Container | undefined {
  const proc = join(root, 'proc');
  const user = readUserNamespace('self', proc);
  if (user === INITIAL_USER_NAMESPACE && isInitialPidNamespace(proc)) return readWsl(root);
  const marked = readMarkers(root, env);
  if (marked !== undefined) return marked;
  // A distribution of WSL has a pid namespace of its own, and nothing that marks it.
  return readWsl(root) ?? (user === undefined ? undefined : { kind: 'container' });
}

function readMarkers(root: string, env: Environment): Container | undefined {
  const has = (path: string) => existsSync(join(root, path));
  if (has('.flatpak-info')) return named('flatpak', read(root, '.flatpak-info'));
  const podman = has('run/.containerenv') ? read(root, 'run/.containerenv') : undefined;
  if (has('run/.toolbxenv') || has('run/.toolboxenv')) return named('toolbox', podman);
  // sudo takes CONTAINER_ID away; the program stays.
  if (env.CONTAINER_ID || has('usr/bin/distrobox-host-exec')) return named('distrobox', podman);
  if (podman !== undefined) return named('podman', podman);
  if (has('.dockerenv')) return { kind: 'docker' };
  return env.container ? { kind: 'container' } : undefined;
}

function readWsl(root: string): Container | undefined {
  return /microsoft/i.test(read(root, 'proc/sys/kernel/osrelease')) ? { kind: 'wsl' } : undefined;
}

/** `toolbox container`, or `container` where nothing names the kind. */
export function sayContainer({ kind }: Container): string {
  return kind === 'container' ? kind : `${kind} container`;
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
