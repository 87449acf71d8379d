import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from '../commander.ts';
import { Failure } from '../failure.ts';
import { addGdbHook, findGdbHook, isInstalled } from '../install/gdb-hook.ts';
import { findInstallation, findOwnNode, isFleeting, shimOf, sudoCommand } from '../install/installation.ts';
import { findLinks } from '../install/links.ts';
import { findShell } from '../install/login-shell.ts';
import { chooseDirectory, isAhead, renderPath, SYSTEM_DIRECTORY } from '../install/places.ts';
import { applyInstall, planInstall, type Step } from '../install/put-links.ts';
import { findRcLine, renderAppend } from '../install/rc-file.ts';
import { addToRecord, removeFromRecord } from '../install/record.ts';
import { findCommands, findInPath } from '../install/search-path.ts';
import { isRootsAlone } from '../root/helper.ts';
import { OTHER_TOOLS, USUAL_TOOLS } from '../tools/tool.ts';
import { toolOf } from '../tools/tools.ts';
import type { AddCommand } from './command.ts';

interface Options {
  readonly system?: boolean;
  readonly dir?: string;
  readonly tools?: readonly string[];
  readonly gdb?: boolean;
}

/** `ptrace-shim install`: links named like the tools, before the real ones in PATH. */
export const addInstall: AddCommand = (command) => {
  command
    .option('--system', `for all users, in ${SYSTEM_DIRECTORY} (as root)`)
    .option('--dir <dir>', 'in this directory')
    .option('--tools <names>', 'only these, separated by commas', parseTools)
    .option('--gdb', "have gdb's own attach ask, too: a line in your gdbinit")
    .addHelpText('after', DETAILS)
    .action((options: Options) => {
      const names = options.tools ?? [...new Set<string>([...USUAL_TOOLS, ...findCommands()])];
      const dir = findDirectory(options, names);
      const home = findHome(options);
      const steps = planInstall(withCommand(names, dir), dir, home);
      apply(steps, dir, options);
      process.stdout.write(steps.map(renderStep).join(''));
      if (options.gdb) process.stdout.write(hookIntoGdb(home));
      process.stdout.write(renderWayOn(steps, dir, names));
      process.stdout.write(renderOwnNode(home));
      report(steps.filter((step) => step.do === 'conflict'));
    });
};

const DETAILS = `
Makes links to the shim: in ~/.local/bin where PATH has that before the real
tools, else in a directory of its own (~/.local/share/ptrace-shim/bin), with the
line that your shell's rc file needs. No rc file is edited, and no file that is
not ours replaced. A link to ptrace-shim itself is added where typing it would
reach nothing.

Tools: ${USUAL_TOOLS.join(', ')}; and, where PATH has them,
${fold(OTHER_TOOLS.join(', '))},
with a version, too (lldb-21). Install again when a tool comes later.

With --gdb an "attach" that is typed in gdb, or comes from a script, asks as
gdb -p does. gdb -nx leaves that out; the RPM and the .deb bring it for all.

Exit status: 0 all is in place, 1 something is in the way, 2 wrong usage.
ptrace-shim doctor proves the result, ptrace-shim uninstall undoes it.
`;

/** In lines of 78 columns at most. */
function fold(list: string): string {
  return list.replace(/(.{1,78})( |$)/g, '$1\n').trimEnd();
}

function parseTools(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => toolOf(name) === undefined);
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no shim for '${unknown}'.`);
  return [...new Set(names)];
}

function findDirectory({ system, dir, gdb }: Options, names: readonly string[]): string {
  if (system && dir !== undefined)
    throw new Failure('--system is a directory already: no --dir', { status: 2 });
  if (system && gdb) throw new Failure('--gdb is for one user: no --system', { status: 2 });
  if (dir === '') throw new Failure('--dir needs a directory', { status: 2 });
  if (system && process.geteuid?.() !== 0) {
    throw new Failure(`only root can put links into ${SYSTEM_DIRECTORY}`, {
      help: sudoCommand('install --system'),
    });
  }
  if (dir !== undefined) return resolve(dir);
  return system ? SYSTEM_DIRECTORY : chooseDirectory(names);
}

/** The installation to link to; it must stay where it is, and for all users it must be root's. */
function findHome({ system }: Options): string {
  const home = findInstallation();
  if (isFleeting(home)) {
    throw new Failure(`this copy lies in a cache that is emptied without notice: ${home}`, {
      help: 'npm install --global ptrace-shim && ptrace-shim install',
    });
  }
  if (system && !isRootsAlone(realpathSync(shimOf(home)))) {
    throw new Failure(`others than root can change ${shimOf(home)}, which all users would run`, {
      help: 'sudo npm install --global ptrace-shim && sudo ptrace-shim install --system',
    });
  }
  return home;
}

/** The command itself is linked unless it is found in another directory. */
function withCommand(names: readonly string[], dir: string): string[] {
  const elsewhere = findInPath('ptrace-shim').some(({ path }) => dirname(path) !== dir);
  return elsewhere ? [...names] : [...names, 'ptrace-shim'];
}

function apply(steps: readonly Step[], dir: string, { system }: Options): void {
  try {
    if (!system) addToRecord(dir);
    applyInstall(steps, dir);
  } catch (error) {
    throw explain(error, dir);
  } finally {
    if (!system && findLinks(dir).length === 0) removeFromRecord([dir]); // no link, no trace
  }
}

/** What the file system has answered, for a person; any other error as it is. */
function explain(error: unknown, place: string): unknown {
  const { code, path = place } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new Failure(`cannot write to ${renderPath(path)}: ${code}`);
}

function hookIntoGdb(home: string): string {
  const hook = findGdbHook();
  const before = isInstalled(hook);
  try {
    addGdbHook(hook, home);
  } catch (error) {
    throw explain(error, hook.init);
  }
  return `${before ? 'in place' : 'added'} ${renderPath(hook.init)}: ${hook.line}\n`;
}

function renderStep({ do: what, path }: Step): string {
  return what === 'conflict' ? '' : `${SAID[what]} ${renderPath(path)}\n`;
}

const SAID = { link: 'linked', replace: 'replaced', keep: 'in place' } as const;

/** What is left to do before typing a tool's name reaches the shim. */
function renderWayOn(steps: readonly Step[], dir: string, names: readonly string[]): string {
  const shell = findShell();
  if (!isAhead(dir, names, process.env.PATH ?? '')) {
    const rc = findRcLine(shell, dir);
    return [
      `PATH does not have ${renderPath(dir)} before the real tools.`,
      `Put this line at the end of ${renderPath(rc.file)}, and open a new terminal:`,
      '',
      `  ${rc.line}`,
      '',
      'or have it put there:',
      '',
      `  ${renderAppend(rc)}`,
      '',
    ].join('\n');
  }
  if (steps.every((step) => step.do === 'keep')) return '';
  return 'A shell that is open already may remember where a tool was: hash -r, or open a new terminal.\n';
}

/** Where a change of Node takes us away. */
function renderOwnNode(home: string): string {
  const version = findOwnNode(home);
  if (version === undefined) return '';
  return [
    `This copy belongs to Node ${version}. When you change to another Node:`,
    '',
    '  npm install --global ptrace-shim && ptrace-shim install',
    '',
  ].join('\n');
}

function report(conflicts: readonly Step[]): void {
  if (conflicts.length === 0) return;
  const paths = conflicts.map(({ path }) => renderPath(path)).join(', ');
  throw new Failure(`left alone, because they are not ours: ${paths}`, {
    help: 'move it away and install again, or ptrace-shim install --dir <another directory>',
  });
}
