import { findInstallation, findOwnNode, realpathOf } from '../install/installation.ts';
import { findLinks } from '../install/links.ts';
import { askLoginShell, findShell } from '../install/login-shell.ts';
import { ownDirectory, SYSTEM_DIRECTORY, userDirectory } from '../install/places.ts';
import { readRecord } from '../install/record.ts';
import { findCommands, findInPath } from '../install/search-path.ts';
import { readScope, sayScope } from '../kernel/scope.ts';
import { readContainer } from '../machine/container.ts';
import { readSettings } from '../settings.ts';
import { TOOL_NAMES, USUAL_TOOLS } from '../tools/tool.ts';
import type { Finding } from './finding.ts';
import { checkBundle, checkGdbHook, checkHelper, checkNode } from './parts.ts';
import { checkElevation, tellBypasses } from './privileges.ts';
import { judgeCopies, judgeLinks, judgeTerminal, judgeWay, readWay } from './ways.ts';

/** Everything that doctor looks at, in the order of one attach. */
export async function examineInstallation(): Promise<Finding[]> {
  const home = findInstallation();
  const shell = findShell();
  const { path, typed, finding } = await askShell(shell);
  const ours = knownPlaces().flatMap(findLinks);
  const linked = ours.map(({ name }) => name);
  // Somebody who has installed nothing yet need not hear of each tool.
  const others = linked.length > 0 ? findCommands(path) : [];
  const names = new Set<string>([...USUAL_TOOLS, ...others, ...linked]);
  names.delete('ptrace-shim');
  const ways = await Promise.all(
    [...names].map((name) => readWay(name, typed.get(name) ?? '', { path, shell, home, ours })),
  );
  // What is broken in the copy that is reached matters, whichever that is.
  const reached = ways.map((way) => way.reached?.replace(/\/shims\/shim$/, '')).find(Boolean);
  const { settings, problem } = readSettings();
  return [
    finding,
    ...ways.map(judgeWay),
    ...judgeTerminal(ways, shell),
    ...judgeLinks(ours),
    ...judgeCopies(ways),
    checkCommand(path, home),
    await checkNode(path),
    await checkBundle(reached ?? home, path),
    checkHelper(reached ?? home),
    ...checkGdbHook(home),
    ...(problem === undefined ? [] : [{ id: 'settings', level: 'note', message: problem } as const]),
    ...checkElevation(settings.elevate, readContainer()),
    checkScope(),
    ...tellBypasses(),
  ];
}

/** The login shell's answer; or this session's PATH in its place where it gives none. */
async function askShell(
  shell: string,
): Promise<{ path: string; typed: ReadonlyMap<string, string>; finding: Finding }> {
  const id = 'shell';
  const answer = await askLoginShell(shell, TOOL_NAMES);
  if (typeof answer === 'string') {
    const message = `${answer}; what follows is about this terminal`;
    const finding = { id, level: 'note', message, help: `${shell} -l -i -c 'command -v gdb'` } as const;
    return { path: process.env.PATH ?? '', typed: new Map(), finding };
  }
  return { ...answer, finding: { id, level: 'ok', message: `${shell} is your login shell, and answers` } };
}

/** Where links of ours can be. */
function knownPlaces(): string[] {
  return [...new Set([userDirectory(), ownDirectory(), ...readRecord().directories, SYSTEM_DIRECTORY])];
}

function checkCommand(path: string, home: string): Finding {
  const id = 'command';
  const [first] = findInPath('ptrace-shim', path);
  if (first === undefined) {
    return { id, level: 'note', message: 'ptrace-shim is not in PATH', help: 'ptrace-shim install' };
  }
  const real = realpathOf(first.path);
  if (real?.startsWith(`${realpathOf(home)}/`)) {
    const version = findOwnNode(real);
    if (version === undefined) return { id, level: 'ok', message: `ptrace-shim is this copy, ${real}` };
    const message = `ptrace-shim is this copy, ${real}, and belongs to Node ${version}: install it again for another Node`;
    return { id, level: 'note', message };
  }
  return {
    id,
    level: 'note',
    message: `ptrace-shim is another copy, ${real}`,
    help: 'ptrace-shim install',
  };
}

function checkScope(): Finding {
  const scope = readScope();
  if (scope === undefined) {
    return { id: 'scope', level: 'note', message: 'this kernel has no Yama: the shims only hand over' };
  }
  return {
    id: 'scope',
    level: 'ok',
    message: sayScope(scope),
  };
}
