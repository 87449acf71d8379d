import { Ended, Failure } from '../failure.ts';
import type { Verdict } from '../kernel/cause.ts';
import { examine, ROOTS, readViewer } from '../kernel/facts.ts';
import { readStatus } from '../kernel/proc-status.ts';
import { judge } from '../kernel/verdict.ts';
import { type Container, hostCommand, readForeignContainer } from '../machine/container.ts';
import { CAUSES } from '../say/causes.ts';
import { sayOutside } from '../say/headline.ts';
import { renderHostile } from '../terminal.ts';
import type { AddCommand } from './command.ts';
import { findTargets, parsePid } from './targets.ts';

interface Options {
  readonly tracer?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** `ptrace-shim why`: would attaching to these processes work, for any tool, and if not exactly why? */
export const addWhy: AddCommand = (command) => {
  command
    .argument('<target...>', 'process id, thread id or process name (all of that name)')
    .option('--tracer <pid>', 'ask for this process instead of a tool that you start now', parsePid)
    .option('-q, --quiet', 'print nothing: the exit status says it')
    .option('--json', 'print an array of verdicts')
    .addHelpText('after', DETAILS)
    .action((targets: string[], { tracer, quiet, json }: Options) => {
      const verdicts = judgeTargets(targets, tracer);
      if (json) process.stdout.write(`${JSON.stringify(verdicts, null, 2)}\n`);
      else if (!quiet) {
        process.stdout.write(verdicts.map((each) => renderVerdict(each, readForeignContainer())).join(''));
      }
      if (verdicts.some(({ outcome }) => outcome !== 'allowed')) throw new Ended(1);
    });
};

const DETAILS = `
Nothing is attached to, stopped or changed. Where the scope decides, the kernel
log shows the question as an attempt.

Exit status: 0 all may be attached to, 1 some may not or it is unknown, 2 wrong
usage. A test suite may go by it: ptrace-shim why --quiet $$ || exit 77

JSON: [{"pid": 4242, "name": "sleep", "outcome": "refused",
  "cause": "restricted", "evidence": ["...", "..."]}]
  outcome   allowed, refused or unknown
  cause     only when refused: restricted, admin-only, no-attach,
            already-traced, different-user, not-dumpable, selinux,
            selinux-policy, no-such-process, zombie, kernel-thread or hidden
  name      null when it cannot be seen
  tracer    only when already-traced: who traces it
  outside   only when true: it is outside of our user namespace, as the host's
            are for a rootless container
`;

/** A verdict with the name of its target, which is safe for a terminal; null when it cannot be seen. */
export type NamedVerdict = Verdict & { readonly name: string | null };

/** One verdict for each target, in the order given and by pid within a name. */
export function judgeTargets(
  targets: readonly string[],
  tracer = process.pid,
  proc = '/proc',
): NamedVerdict[] {
  if (readStatus(tracer, proc) === undefined) throw new Failure(`no process has the id ${tracer} (--tracer)`);
  const roots = { ...ROOTS, proc };
  const viewer = readViewer(tracer, roots);
  return findTargets(targets, proc).map((pid) => {
    const facts = examine(pid, viewer, roots);
    const { pid: _, ...verdict } = judge(facts);
    return { pid, name: facts.target ? renderHostile(facts.target.name) : null, ...verdict };
  });
}

/** One block: what holds, how we know, what to do. */
export function renderVerdict(verdict: NamedVerdict, container?: Container): string {
  const { pid, name, outcome, evidence } = verdict;
  const who = name === null ? String(pid) : `${pid} (${name})`;
  const is = outcome === 'unknown' ? 'may be refused' : `is ${outcome}`;
  const reason = sayReason(verdict, container);
  const help = adviseOn(verdict, container);
  return [
    `${who}: attaching ${is}${reason ? `: ${reason}` : ''}`,
    ...evidence.filter((sentence) => sentence !== reason).map((sentence) => `  note: ${sentence}`),
    ...(help ? [`  help: ${help}`] : []),
    '',
  ].join('\n');
}

/** Why it is refused, in a few words; undefined when it is not. */
export function sayReason({ cause, outside }: Verdict, container?: Container): string | undefined {
  return outside && container ? sayOutside(container) : cause && CAUSES[cause].reason;
}

/** What to type; undefined where only waiting or another target helps. */
export function adviseOn(
  { pid, cause, outside }: Verdict,
  container?: Container,
  command = `strace -p ${pid}`,
): string | undefined {
  if (outside) return container && hostCommand(container, [command])?.join(' ');
  if (container && (cause === 'restricted' || cause === 'admin-only')) return `sudo ${command}`;
  return cause && CAUSES[cause].help?.(pid);
}
