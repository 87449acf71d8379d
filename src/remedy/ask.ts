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
    const plan = await act(remembered, refusal, remedies, settings, voice);
    if (plan !== undefined) return plan;
  }
  const { chooseMemory, chooseRemedy } = await import('./choose.ts');
  for (;;) {
    const choice = await chooseRemedy(tool.name, decision, remedies, settings.deadline, voice);
    const memory = isRemembered(choice) ? await chooseMemory(tool.name, voice) : 'once';
    const plan = await act(choice, refusal, remedies, settings, voice);
    if (plan === undefined) continue;
    if (memory !== 'once') {
      const { remember } = await import('./remember.ts');
      remember(memory === 'tool' ? tool.name : 'all', choice, voice);
    }
    return plan;
  }
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

function isRemembered(choice: Choice): boolean {
  return choice === 'attach' || choice === 'relaunch' || choice === 'run';
}

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
    case 'attach': {
      const reason = list.find(({ id }) => id === 'window')?.reason;
      if (reason === undefined) return (await import('./attach.ts')).attach(refusal, settings, voice);
      voice.say(`ptrace-shim: the scope cannot be lowered: ${reason}`); // a remembered answer
      return undefined;
    }
    case 'relaunch':
      return program && (await import('./relaunch.ts')).relaunch(refusal, program, voice);
    case 'explain':
      return (await import('./show.ts')).showExplanation(voice);
    case 'show-helper':
      return (await import('./show.ts')).showHelper(voice);
  }
}

function throughOf(id: Remedy['id'], list: readonly Remedy[]): readonly string[] {
  return list.find((remedy) => remedy.id === id)!.through!;
}
