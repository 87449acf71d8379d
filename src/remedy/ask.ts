import { type Plan, renderExit, renderPlan } from '../handover/plan.ts';
import {
  ON_REFUSAL,
  type OnRefusal,
  overridingAnswer,
  readSettings,
  rememberedAnswer,
  type Settings,
} from '../settings.ts';
import { renderHostile } from '../terminal.ts';
import type { Choice } from './choose.ts';
import { renderCircumstances, renderHeadline, renderHint } from './headline.ts';
import { permit } from './permission.ts';
import type { Refusal } from './refusal.ts';
import { findRemedies, type Remedies, type Remedy } from './remedies.ts';
import type { Voice } from './speak.ts';

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

async function talk(refusal: Refusal, voice: Voice): Promise<Plan> {
  const { tool, decision, surroundings } = refusal;
  const { settings, problem } = readSettings();
  if (problem !== undefined) voice.say(`ptrace-shim: ${problem}`);
  const remembered = readAnswer(surroundings, voice) ?? rememberedAnswer(settings, tool.name);
  if (remembered === 'hint') {
    voice.say(renderHint(refusal));
    return {};
  }
  const remedies = findRemedies(tool, decision, settings);
  showHeadline(refusal, voice);
  if (remembered !== 'ask') {
    const plan = await act(narrowest(remembered, remedies, voice), refusal, remedies, settings, voice);
    if (plan !== undefined) return plan;
  }
  const { chooseMemory, chooseRemedy } = await import('./choose.ts');
  for (;;) {
    const choice = await chooseRemedy(tool.name, decision, remedies, settings.deadline, voice);
    const answer = ANSWERS[choice];
    const asksMemory = answer !== undefined && settings.onRefusal[tool.name] !== 'ask';
    const memory = asksMemory ? await chooseMemory(tool.name, voice) : undefined;
    const plan = await act(choice, refusal, remedies, settings, voice);
    if (plan === undefined) continue;
    if (memory !== undefined) {
      const { remember } = await import('./remember.ts');
      // "Just this once" is remembered, too: for this tool nobody wants to be asked that again.
      remember(memory === 'all' ? 'all' : tool.name, memory === 'once' ? 'ask' : answer!, voice);
    }
    return plan;
  }
}

/** Which way a remembered answer goes: `attach` takes the permission where it can work, and says so where it cannot. */
function narrowest(answer: Exclude<OnRefusal, 'ask' | 'hint'>, { list }: Remedies, voice: Voice): Choice {
  if (answer !== 'attach') return answer;
  const [permit, window] = (['permit', 'window'] as const).map((id) => list.find((each) => each.id === id)!);
  if (permit!.available || !window!.available) return 'permit';
  voice.say(`ptrace-shim: lowering the scope: ${permit!.reason}`);
  return 'window';
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

function showHeadline({ tool, decision }: Refusal, { say, colors, stream }: Voice): void {
  say(`${colors.bold('ptrace-shim:')} ${renderHeadline(tool.name, decision)}`);
  say('');
  for (const line of renderCircumstances(tool.name, decision, stream?.columns ?? 80)) say(line);
  say('');
}

/** What is remembered of a choice; the others are not for every time. */
const ANSWERS: Readonly<Partial<Record<Choice, OnRefusal>>> = {
  permit: 'attach',
  window: 'window',
  relaunch: 'relaunch',
  run: 'hint',
};

/** The plan of a choice; undefined when it leads back to the question. Loads only what was chosen. */
async function act(
  choice: Choice,
  refusal: Refusal,
  { list, program }: Remedies,
  settings: Settings,
  voice: Voice,
): Promise<Plan | undefined> {
  switch (choice) {
    case 'run':
      return {};
    case 'host':
      return { instead: throughOf(choice, list) };
    case 'container-root':
      return { through: throughOf(choice, list) };
    case 'permit':
    case 'window': {
      const reason = list.find(({ id }) => id === choice)?.reason;
      if (reason === undefined && choice === 'permit') return permit(refusal, settings, voice);
      if (reason === undefined) return (await import('./attach.ts')).attach(refusal, settings, voice);
      const what =
        choice === 'permit' ? `${refusal.tool.name} cannot be let in` : 'the scope cannot be lowered';
      voice.say(`ptrace-shim: ${what}: ${reason}`); // a remembered answer
      return undefined;
    }
    case 'relaunch':
      return program && (await import('./relaunch.ts')).relaunch(refusal, program, voice);
    case 'explain':
      return (await import('./show.ts')).showExplanation(voice);
    case 'show-helper':
      return (await import('./show.ts')).showHelper(
        list[0]!.available ? 'ptrace-permit' : 'ptrace-scope-window',
        voice,
      );
  }
}

function throughOf(id: Remedy['id'], list: readonly Remedy[]): readonly string[] {
  return list.find((remedy) => remedy.id === id)!.through!;
}
