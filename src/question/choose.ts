import type { Offer } from '../remedy/remedy.ts';
import type { Option } from '../say/select.ts';
import type { Voice } from '../say/voice.ts';
import type { ToolName } from '../tools/tool.ts';

/** A remedy, or what else can be chosen: two that lead back to the question, and the tool as it was typed. */
export type Choice = Offer | 'explain' | 'show-helper' | 'run';
export type Memory = 'once' | 'tool' | 'all';

/** The question. Rejects with an ExitPromptError on Ctrl-C. */
export async function chooseRemedy(tool: ToolName, offers: readonly Offer[], voice: Voice): Promise<Choice> {
  const { select } = await import('../say/select.ts');
  return select('What do you want to do?', listOptions(tool, offers, voice.columns), voice);
}

export function listOptions(tool: ToolName, offers: readonly Offer[], columns: number): Option<Choice>[] {
  const remedies = offers.flatMap((offer) => {
    const { name, does, reason } = offer;
    return name === undefined ? [] : [{ value: offer, name, does: does(columns), disabled: reason }];
  });
  const showHelper = {
    value: 'show-helper',
    name: 'Show what runs as root',
    does: 'the whole program',
  } as const;
  return [
    ...remedies,
    { value: 'explain', name: 'Explain', does: 'why this is so, and how to change it for good' },
    ...(offers.some(({ helper, reason }) => helper && reason === undefined) ? [showHelper] : []),
    { value: 'run', name: `Run ${tool} anyway`, does: 'it will report "Operation not permitted"' },
  ];
}

/** Should the answer hold from now on? */
export async function chooseMemory(tool: ToolName, voice: Voice): Promise<Memory> {
  const { select } = await import('../say/select.ts');
  return select(
    'Remember this answer?',
    [
      { value: 'once', name: 'Just this once', does: '' },
      { value: 'tool', name: `Always for ${tool}`, does: 'ptrace-shim config forgets it' },
      { value: 'all', name: 'Always', does: `for ${tool} and the other tools` },
    ],
    voice,
  );
}
