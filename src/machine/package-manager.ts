import { existsSync } from 'node:fs';

/** What to type to install a package, for the package manager there is; Debian may have a name of its own for it. */
export function installCommand(name: string | undefined, debian = name): string | undefined {
  if (name === undefined) return undefined;
  const manager = MANAGERS.find((words) => existsSync(`/usr/bin/${words.split(' ')[0]}`));
  return manager && `sudo ${manager} ${manager.startsWith('apt') ? debian : name}`;
}

const MANAGERS = ['dnf install', 'apt install', 'zypper install', 'pacman -S'];
