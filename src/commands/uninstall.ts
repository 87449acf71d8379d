import { resolve } from 'node:path';
import { Failure } from '../failure.ts';
import { findInstallation, sudoCommand } from '../install/installation.ts';
import { findLinks } from '../install/links.ts';
import { renderPath, SYSTEM_DIRECTORY } from '../install/places.ts';
import { findMentions } from '../install/rc-file.ts';
import { applyUninstall, planUninstall, type Scope } from '../install/remove-links.ts';
import { findOurs } from '../machine/sysctl.ts';
import type { AddCommand } from './command.ts';

interface Options {
  readonly system?: boolean;
  readonly dir?: string;
}

/** `ptrace-shim uninstall`: takes back what install did. */
export const addUninstall: AddCommand = (command) => {
  command
    .option('--system', `the links for all users, in ${SYSTEM_DIRECTORY} (as root)`)
    .option('--dir <dir>', 'only the links in this directory')
    .addHelpText('after', DETAILS)
    .action((options: Options) => {
      const scope = readOptions(options);
      const removal = planUninstall(scope);
      apply(() => applyUninstall(removal, scope));
      const lines = removal.files.map((file) => `removed ${renderPath(file)}`);
      if (removal.gdb) lines.unshift(`taken out of ${renderPath(removal.gdb.init)}: ${removal.gdb.line}`);
      if (lines.length === 0) lines.push('there was nothing of ours');
      process.stdout.write([...lines, ...notes(scope), ''].join('\n'));
    });
};

const DETAILS = `
Removes links that lead to the shim, in ~/.local/bin and wherever install put
them; the directories that install made, when empty; the line of install --gdb;
and the settings, ~/.config/ptrace-shim/settings.json. With --system or --dir
settings and line stay. Tells which lines of your rc files name us.
`;

function readOptions({ system, dir }: Options): Scope {
  if (system && dir !== undefined)
    throw new Failure('--system is a directory already: no --dir', { status: 2 });
  if (system && process.geteuid?.() !== 0) {
    throw new Failure(`only root can remove links from ${SYSTEM_DIRECTORY}`, {
      help: sudoCommand('uninstall --system'),
    });
  }
  if (dir !== undefined) return { kind: 'dir', dir: resolve(dir) };
  return { kind: system ? 'system' : 'user' };
}

function apply(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw error;
    throw new Failure(`cannot remove ${renderPath(path)}: ${code}`);
  }
}

/** What is left, as it is not ours to take. */
function notes({ kind }: Scope): string[] {
  if (kind !== 'user') return [];
  const notes = findMentions().map(
    (mention) => `note: ${renderPath(mention)} still puts us in PATH: take that line out`,
  );
  if (findLinks(SYSTEM_DIRECTORY).length > 0) {
    notes.push(
      `note: links for all users remain in ${SYSTEM_DIRECTORY}: ${sudoCommand('uninstall --system')}`,
    );
  }
  notes.push(...findOurs().map((file) => `note: ${file} remains, for all users: ptrace-shim set default`));
  if (/\/node_modules\//.test(findInstallation())) {
    notes.push('note: the program itself is still there: npm uninstall --global ptrace-shim');
  }
  return notes;
}
