import { dirname } from 'node:path';
import { execa } from 'execa';
import { realpathOf, shimOf, sudoCommand } from '../install/installation.ts';
import type { Link } from '../install/links.ts';
import { renderPath, SYSTEM_DIRECTORY } from '../install/places.ts';
import { findRcLine, renderAppend } from '../install/rc-file.ts';
import { type Found, findInPath, isShim } from '../install/search-path.ts';
import { installCommand } from '../machine/package-manager.ts';
import { renderHostile } from '../terminal.ts';
import { USUAL_TOOLS } from '../tools/tool.ts';
import { toolOf } from '../tools/tools.ts';
import type { Finding } from './finding.ts';

/** The way from a tool's name to the real tool, as one person's shell goes it. */
export interface Way {
  /** By the name that is typed: gdb, lldb-21. */
  readonly tool: string;
  /** What the shell says that typing the name runs; empty for nothing. */
  readonly typed: string;
  /** The executables of that name in the shell's PATH. */
  readonly found: readonly Found[];
  /** The shim of this installation, and of the one that the first shim in PATH belongs to, as files without links. */
  readonly own: string;
  readonly reached: string | undefined;
  /** Our links of this name, in PATH or not, and those of all names. */
  readonly links: readonly string[];
  readonly installed: number;
  /** The shim and the real tool answered `--version` alike. Four tools prove the shim for all: it is one file. */
  readonly alike: boolean;
  /** What to type so that the name reaches this copy. */
  readonly mend: string;
}

/** Reads it all, and runs the shim and the real tool. */
export async function readWay(
  tool: string,
  typed: string,
  { path, shell, home, ours }: { path: string; shell: string; home: string; ours: readonly Link[] },
): Promise<Way> {
  const found = findInPath(tool, path);
  // The shell knows best: bash for one reads a tilde in PATH where others do not.
  if (typed.startsWith('/') && typed !== found[0]?.path) found.unshift({ path: typed, shim: isShim(typed) });
  const all = ours.filter(({ name, broken }) => name !== 'ptrace-shim' && !broken);
  const links = all.filter(({ name }) => name === tool).map((link) => link.path);
  const [first] = found;
  const real = found.find(({ shim }) => !shim);
  return {
    tool,
    typed,
    found,
    own: realpathOf(shimOf(home)) ?? shimOf(home),
    reached: first?.shim ? realpathOf(first.path) : undefined,
    links,
    installed: all.length,
    alike: !first?.shim || !real || !isUsual(tool) || (await answerAlike(tool, first.path, real.path, path)),
    mend: findMend(first?.path, links, shell),
  };
}

function isUsual(tool: string): boolean {
  return USUAL_TOOLS.some((usual) => usual === tool);
}

/** What puts this copy first: another link where ours is first already, or the line for the rc file. */
function findMend(first: string | undefined, links: readonly string[], shell: string): string {
  const [link] = links;
  if (link === undefined) return 'ptrace-shim install';
  if (first === undefined || !links.includes(first)) return renderAppend(findRcLine(shell, dirname(link)));
  const dir = dirname(first);
  return dir === SYSTEM_DIRECTORY
    ? sudoCommand('install --system')
    : `ptrace-shim install --dir ${renderPath(dir)}`;
}

/** vgdb knows no --version, and says so: that too is an answer. */
async function answerAlike(tool: string, shim: string, real: string, path: string): Promise<boolean> {
  const word = tool === 'vgdb' ? '--help' : '--version';
  const [one, other] = await Promise.all(
    [shim, real].map((file) =>
      execa(file, [word], {
        env: { PATH: path },
        stdin: 'ignore',
        stderr: 'ignore',
        reject: false,
        timeout: 60_000,
      }),
    ),
  );
  return one!.stdout === other!.stdout && one!.exitCode === other!.exitCode && !one!.timedOut;
}

/** What that says about one tool, worst first. */
export function judgeWay(way: Way): Finding {
  const { tool, typed, found, own, reached, links, installed, alike, mend } = way;
  const finding = (level: Finding['level'], message: string, help?: string): Finding => ({
    id: tool,
    level,
    message: renderHostile(message),
    ...(help ? { help } : {}),
  });
  const [first] = found;
  const real = found.find(({ shim }) => !shim);
  if (real === undefined) {
    const known = toolOf(tool);
    const help = installCommand(known?.package, known?.debianPackage);
    return finding('note', `${tool} is not installed`, help);
  }
  const alias = /^alias [^=]*=(.*)/.exec(typed)?.[1];
  if (alias !== undefined && !new RegExp(`^['"]?${tool}(?![\\w-])`).test(alias)) {
    return finding('broken', `${tool} is an alias in your shell, for ${alias}`, `unalias ${tool}`);
  }
  if (alias === undefined && typed !== '' && !typed.startsWith('/')) {
    return finding('note', `${tool} is a function in your shell: doctor cannot tell what it runs`);
  }
  if (!first!.shim) {
    if (links.length === 0 && installed > 0) {
      return finding('note', `${tool} has no shim here`, `ptrace-shim install --tools ${tool}`);
    }
    return finding('broken', `typing ${tool} runs ${first!.path}, not the shim`, mend);
  }
  if (reached !== own) {
    const message = `typing ${tool} reaches another copy of ptrace-shim: ${renderPath(first!.path)} leads to ${reached}`;
    return finding('broken', message, mend);
  }
  if (!alike) {
    const message = `${renderPath(first!.path)} and ${real.path} answer --version differently`;
    return finding('broken', message, `PTRACE_SHIM=off ${tool} --version`);
  }
  const shim = renderPath(dirname(first!.path));
  return finding('ok', `${tool} reaches the shim (${shim}) and then ${real.path}`);
}

/** Copies of the shim that lie behind the one reached: harmless, but one too many. */
export function judgeCopies(ways: readonly Way[]): Finding[] {
  const copies = ways.flatMap(({ found, own, reached }) =>
    found.filter(({ path, shim }) => shim && ![own, reached].includes(realpathOf(path))),
  );
  const [copy] = copies;
  if (copy === undefined) return [];
  const message = `another copy of ptrace-shim lies behind this one: ${renderPath(copy.path)}`;
  return [{ id: 'copies', level: 'note', message, help: `ls -l ${copy.path}` }];
}

/** Links of ours that lead nowhere: shells pass over them, so that the real tool is reached. */
export function judgeLinks(ours: readonly Link[]): Finding[] {
  return ours.flatMap(({ path, target, broken }) =>
    broken
      ? [
          {
            id: 'links',
            level: 'broken' as const,
            message: `${renderPath(path)} leads to ${target}, which is gone`,
            help:
              dirname(path) === SYSTEM_DIRECTORY ? sudoCommand('install --system') : 'ptrace-shim install',
          },
        ]
      : [],
  );
}

/** Where a terminal that is older than the rc file's line still runs the real tool. */
export function judgeTerminal(ways: readonly Way[], shell: string): Finding[] {
  const differs = ways.find(({ tool, found }) => found[0]?.shim && !findInPath(tool)[0]?.shim);
  if (differs === undefined) return [];
  const message = `this terminal has an older PATH: in it ${differs.tool} is ${findInPath(differs.tool)[0]?.path ?? 'not found'}`;
  return [{ id: 'terminal', level: 'note', message, help: `exec ${shell} -l` }];
}
