import { stripVTControlCharacters } from 'node:util';
import inquirer from 'inquirer';
import type { Voice } from './voice.ts';
import { wrap } from './wrap.ts';

/** A way to answer, and what it does: empty where the name says it all. */
export interface Option<T> {
  readonly value: T;
  readonly name: string;
  readonly does: string;
  /** Why it cannot be chosen. */
  readonly disabled?: string | undefined;
}

/**
 * One list to pick from. What an option does stands beside it where the terminal is wide enough, else below the list.
 * Rejects with an ExitPromptError on Ctrl-C.
 */
export async function select<T>(message: string, options: readonly Option<T>[], voice: Voice): Promise<T> {
  const { stream, columns } = voice;
  const nameWidth = Math.max(...options.map(({ name }) => name.length)) + 2;
  const longest = Math.max(...options.map(({ does, disabled }) => (disabled ?? does).length));
  const wide = columns >= nameWidth + longest + 4;
  const prompt = inquirer.createPromptModule({ input: process.stdin, output: stream! });
  const { answer } = await prompt([
    {
      type: 'select',
      name: 'answer',
      message,
      loop: false,
      default: options.find(({ disabled }) => disabled === undefined)?.value,
      pageSize: 10,
      theme: paint(voice),
      choices: options.map((option) => toChoice(option, nameWidth, wide, voice)),
    },
  ]);
  return answer as T;
}

/**
 * All that the list paints, which would otherwise go by stdout: that is the pipe for the plan. A number typed chooses as a
 * letter does; where no colour marks the choice the numbers are shown. Every mark is of Latin-1: to measure any other,
 * inquirer compiles patterns of all Unicode, which takes as long as to load inquirer.
 */
function paint({ colors }: Voice) {
  const { bold, cyan, dim, red, isColorSupported } = colors;
  return {
    indexMode: isColorSupported ? ('hidden' as const) : ('number' as const),
    prefix: cyan('?'),
    icon: { cursor: '»' },
    style: {
      answer: cyan,
      message: bold,
      error: red,
      highlight: (text: string) => cyan(stripVTControlCharacters(text)), // dim cyan is not to be read on white
      description: cyan,
      disabled: (text: string) => dim(`  ${text}`),
      keysHelpTip: () => `${bold('arrow keys')} ${dim('navigate ·')} ${bold('Enter')} ${dim('selects')}`,
    },
  };
}

function toChoice<T>(
  { value, name, does, disabled }: Option<T>,
  width: number,
  wide: boolean,
  { colors, columns }: Voice,
) {
  const choice = { value, short: name };
  if (disabled !== undefined) return { ...choice, name: name.padEnd(width - 1), disabled: `(${disabled})` };
  if (wide) return { ...choice, name: `${name.padEnd(width)}${colors.dim(does)}`.trimEnd() };
  return { ...choice, name, description: wrap(does, columns).join('\n') };
}
