import { writeFileSync } from 'node:fs';
import { type Decision, decide } from '../decision.ts';
import { Failure } from '../failure.ts';
import { findRealTool } from '../install/search-path.ts';
import { findOffers, offersFor, REMEDIES } from '../remedy/remedies.ts';
import type { Offer } from '../remedy/remedy.ts';
import { renderHeadline } from '../say/headline.ts';
import {
  countsUnasked,
  type OnRefusal,
  overridingAnswer,
  readSettings,
  rememberedAnswer,
} from '../settings.ts';
import { readSurroundings } from '../surroundings.ts';
import { TOOL_NAMES, type ToolName } from '../tools/tool.ts';
import { toolOf } from '../tools/tools.ts';
import type { AddCommand } from './command.ts';
import { readLastWords } from './words.ts';

/** `ptrace-shim dry-run`: what the shim would do about a command line. */
export const addDryRun: AddCommand = (command) => {
  command
    .description('Show what the shim would do about a command, and why. Touches nothing, asks nothing.')
    .usage('[--json] -- <tool> [<args>...]')
    .argument('<tool>', 'one that has a shim')
    .argument('[args...]', 'its arguments')
    .option('--json', 'for scripts')
    .passThroughOptions()
    .addHelpText('after', DETAILS)
    .action((tool: string, args: string[], { json }: { json?: boolean }) => {
      const report = dryRun(tool, args.length);
      // A stream, as console.log makes one, takes longer than all the rest.
      writeFileSync(1, `${json ? JSON.stringify(report) : render(report)}\n`);
    });
};

const DETAILS = `
The JSON has the members tool, real, scope, intent, verdicts, remedies, would
(hand-over, ask, hint: a line on stderr; or, answered beforehand, attach,
permit, window or relaunch), because: why there is no question, and headline:
what the shim would say first. A remedy has id, available, a reason when it is
not, and through, the words that would run the tool. The ids:
${REMEDIES.map(({ id, about }) => `  ${id.padEnd(14)}  ${about}`).join('\n')}
See ptrace-shim(1).`;

interface Report {
  readonly tool: ToolName;
  /** Absent when there is none in PATH. */
  readonly real: string | undefined;
  readonly scope: number | null;
  readonly intent: { readonly kind: string; readonly targets?: readonly number[] };
  readonly verdicts: ReturnType<typeof decide>['verdicts'];
  readonly remedies: ReturnType<typeof toJson>[];
  readonly would: 'hand-over' | OnRefusal;
  readonly because?: string;
  readonly headline?: string;
}

function dryRun(name: string, count: number): Report {
  const tool = toolOf(name);
  if (tool === undefined) {
    throw new Failure(`there is no shim for '${name}'`, {
      help: `one of ${TOOL_NAMES.join(', ')}`,
      status: 2,
    });
  }
  const words = readLastWords(count);
  const decision = decide(tool, words, process.pid, readSurroundings(), 2);
  const { scope, intent, verdicts, would } = decision;
  const { settings } = readSettings();
  const offers = would === 'hand-over' ? [] : findOffers(tool, decision, settings);
  const settled = settle(decision, rememberedAnswer(settings, tool.name), offers);
  return {
    tool: tool.name,
    real: findRealTool(name),
    scope: scope ?? null,
    intent: intent.kind === 'attach' ? { kind: intent.kind, targets: intent.targets } : { kind: intent.kind },
    verdicts,
    remedies: offers.map(toJson),
    ...settled,
    ...(settled.would === 'hand-over' ? {} : { headline: renderHeadline(tool.name, decision) }),
  };
}

function toJson({ id, reason, through }: Offer) {
  if (reason !== undefined) return { id, available: false, reason };
  return { id, available: true, ...(through ? { through } : {}) };
}

/** What becomes of the decision where somebody has answered beforehand. */
function settle(
  { would, because }: Decision,
  remembered: OnRefusal,
  offers: readonly Offer[],
): Pick<Report, 'would' | 'because'> {
  if (process.env.PTRACE_SHIM === 'off') return { would: 'hand-over', because: 'PTRACE_SHIM is off' };
  const override = overridingAnswer(process.env);
  const answer = override ?? remembered;
  const stays = because === undefined ? { would } : { would, because };
  const unasked = would === 'hint' && countsUnasked(override);
  if ((would !== 'ask' && !unasked) || answer === 'ask') return stays;
  const works = answer === 'hint' || offersFor(answer, offers).some(({ reason }) => reason === undefined);
  if (!works) return stays;
  return {
    would: answer,
    because: override ? 'PTRACE_SHIM_ON_REFUSAL says so' : 'that is the remembered answer',
  };
}

function render({ tool, real, intent, verdicts, remedies, would, because, headline }: Report): string {
  const act =
    intent.kind === 'attach'
      ? `attach to ${intent.targets?.join(', ')}`
      : intent.kind === 'launch'
        ? 'launch a program'
        : 'neither attach nor launch';
  const width = Math.max(9, ...remedies.map(({ id }) => id.length));
  return [
    `${tool} would ${act}`,
    line('real tool', real ?? 'not found in PATH'),
    ...verdicts.flatMap(({ pid, outcome, cause, evidence }) => [
      line(String(pid), `${outcome}${cause ? ` (${cause})` : ''}`),
      ...evidence.map((sentence) => line('', sentence)),
    ]),
    ...remedies.map(({ id, reason }) => line(id, reason ? `not available: ${reason}` : 'available')),
    line('the shim', `${WOULD[would]}${because ? `: ${because}` : ''}`),
    ...(headline ? [line('saying', headline)] : []),
  ].join('\n');
  function line(label: string, text: string): string {
    return `  ${label.padEnd(width)}  ${text}`;
  }
}

const WOULD = {
  'hand-over': 'hands over in silence',
  ask: 'asks',
  hint: 'says one line and hands over',
  attach: 'attaches without asking, but for the password',
  permit: 'lets the tool in without asking, but for the password',
  window: 'lowers the scope without asking, but for the password',
  relaunch: 'relaunches, and asks only what becomes of the running one',
} as const;
