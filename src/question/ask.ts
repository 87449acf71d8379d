import { isScoped } from '../decision.ts';
import { type Plan, renderExit, renderPlan } from '../handover/plan.ts';
import type { Refusal } from '../refusal.ts';
import { findOffers, offersFor } from '../remedy/remedies.ts';
import type { Offer, Remembered } from '../remedy/remedy.ts';
import { renderCircumstances, renderHeadline, renderHint } from '../say/headline.ts';
import type { Voice } from '../say/voice.ts';
import { wrap } from '../say/wrap.ts';
import {
  countsUnasked,
  ON_REFUSAL,
  type OnRefusal,
  overridingAnswer,
  readSettings,
  rememberedAnswer,
} from '../settings.ts';
import { renderHostile } from '../terminal.ts';
import { type Choice, chooseMemory, chooseRemedy, type Memory } from './choose.ts';

/** Talks with the person until there is a plan. Ctrl-C, at the password alone excepted, leaves with 130. */
export async function ask(refusal: Refusal, voice: Voice): Promise<string> {
  try {
    return renderPlan(await talk(refusal, voice));
  } catch (error) {
    if (error instanceof Error && CTRL_C.has(error.name)) return renderExit(130);
    throw error;
  }
}

/** At a question, and while something is waited for. */
const CTRL_C = new Set(['ExitPromptError', 'AbortError']);

/** The conversation of {@link ask}; rejects on Ctrl-C. */
export async function talk(refusal: Refusal, voice: Voice): Promise<Plan> {
  const { tool, decision, surroundings } = refusal;
  const { settings, problem } = readSettings();
  if (problem !== undefined) voice.say(`ptrace-shim: ${problem}`);
  const remembered = readAnswer(surroundings, voice) ?? rememberedAnswer(settings, tool.name);
  if (remembered === 'hint') {
    voice.say(renderHint(refusal));
    return {};
  }
  const offers = findOffers(tool, decision, settings);
  showHeadline(refusal, voice);
  if (remembered !== 'ask') {
    const plan = await pick(remembered, offers, voice)?.carryOut(refusal, voice);
    if (plan !== undefined) return plan;
  }
  const asksMemory = settings.onRefusal[tool.name] !== 'ask';
  for (;;) {
    const choice = await chooseRemedy(tool.name, offers, voice);
    const answer = answerOf(choice);
    const memory = answer && asksMemory ? await chooseMemory(tool.name, voice) : undefined;
    const plan = await act(choice, refusal, offers, voice);
    if (plan === undefined) continue;
    if (answer && memory) await keep(memory, answer, refusal, voice);
    return plan;
  }
}

/**
 * What PTRACE_SHIM_ON_REFUSAL names, where nobody can be asked: a dialogue of the desktop may still ask for the password, or
 * none may be needed. A relaunch is not for there, as it ends a program. Undefined where it names nothing, or fails.
 */
export async function carryOutUnasked(refusal: Refusal, voice: Voice): Promise<Plan | undefined> {
  const { tool, decision, surroundings } = refusal;
  const answer = isScoped(decision) ? readAnswer(surroundings, voice) : undefined;
  if (!countsUnasked(answer)) return undefined;
  const offers = findOffers(tool, decision, readSettings().settings);
  return pick(answer, offers, voice)?.carryOut(refusal, voice);
}

/** Which way a remembered answer goes: the first that works. Says what does not work, where a person would look for it. */
export function pick(
  answer: Remembered,
  offers: readonly Offer[],
  { say }: Pick<Voice, 'say'>,
): Offer | undefined {
  const named = offersFor(answer, offers);
  const works = named.find(({ reason }) => reason === undefined);
  const told = named.find(({ name }) => name !== undefined) ?? named[0]!;
  if (works === undefined) say(`ptrace-shim: ${told.remembered!.failure}: ${told.reason}`);
  else if (told.reason !== undefined) say(`ptrace-shim: lowering the scope: ${told.reason}`);
  return works;
}

/** PTRACE_SHIM_ON_REFUSAL, for one command. */
function readAnswer({ env }: Refusal['surroundings'], voice: Voice): OnRefusal | undefined {
  const value = env.PTRACE_SHIM_ON_REFUSAL;
  const answer = overridingAnswer(env);
  if (value && answer === undefined) {
    const list = ON_REFUSAL.join(', ');
    voice.say(
      `ptrace-shim: ignoring PTRACE_SHIM_ON_REFUSAL=${renderHostile(value, 40)}: it is not one of ${list}`,
    );
  }
  return answer;
}

function showHeadline({ tool, decision }: Refusal, { say, colors, columns }: Voice): void {
  const headline = wrap(renderHeadline(tool.name, decision), columns, 'ptrace-shim: ', '  ').join('\n');
  say(headline.replace('ptrace-shim:', colors.bold));
  say('');
  for (const line of renderCircumstances(tool.name, decision, columns)) say(line);
  say('');
}

/** The plan of a choice; undefined when it leads back to the question. Loads only what was chosen. */
async function act(
  choice: Choice,
  refusal: Refusal,
  offers: readonly Offer[],
  voice: Voice,
): Promise<Plan | undefined> {
  switch (choice) {
    case 'run':
      return {};
    case 'explain':
      return (await import('./show.ts')).showExplanation(voice);
    case 'show-helper': {
      const { helper } = offers.find((offer) => offer.helper && offer.reason === undefined)!;
      return (await import('./show.ts')).showHelper(helper!, voice);
    }
    default:
      return choice.carryOut(refusal, voice);
  }
}

/** What is remembered of a choice; undefined where it holds for once. */
function answerOf(choice: Choice): OnRefusal | undefined {
  switch (choice) {
    case 'run':
      return 'hint';
    case 'explain':
    case 'show-helper':
      return undefined;
    default:
      return choice.remembered?.answers[0];
  }
}

/** "Just this once" is remembered, too: for this tool nobody wants to be asked that again. */
async function keep(memory: Memory, answer: OnRefusal, { tool }: Refusal, voice: Voice): Promise<void> {
  const { remember } = await import('./remember.ts');
  remember(memory === 'all' ? 'all' : tool.name, memory === 'once' ? 'ask' : answer, voice);
}
