import { describe, expect, it } from 'vitest';
import type { Attach, Intent, Surroundings, Tool } from '../../src/tools/tool.ts';
import { startsPreflight } from './guess.ts';
import { surroundingsOf } from './real.ts';

/** Short for what a row promises. */
export const other: Intent = { kind: 'other' };
export const launch: Intent = { kind: 'launch' };

export function attach(targets: number[], rest: Partial<Attach> = {}): Intent {
  return { kind: 'attach', targets, threads: 'all', attaching: 'once', ...rest };
}

/** A command line as a title: words apart by blanks, quoted where they would not be seen. */
export function title(words: readonly string[]): string {
  const shown = words.length > 12 ? [...words.slice(0, 3), `… ${words.length} words`] : words;
  return shown.map((word) => (/^[\w./=,&+-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

/**
 * What a tool's command lines mean: a row each, with the words as one text where no word holds a blank. Whatever is an attach
 * must be one to the shim's guess as well.
 */
export function describeTool(
  tool: Tool,
  rows: readonly (readonly [line: string | string[], intent: Intent])[],
  surroundings: Surroundings = surroundingsOf(),
): void {
  const all = rows.map(([line, intent]) => {
    const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
    return { words, intent, line: title(words) };
  });
  describe(tool.name, () => {
    it.each(all)(`reads: ${tool.name} $line`, ({ words, intent }) => {
      expect(tool.recognise(words, surroundings)).toEqual(intent);
    });

    it.each(all.filter(({ intent }) => intent.kind === 'attach'))(
      `is looked at more closely by the shim: ${tool.name} $line`,
      ({ words }) => expect(startsPreflight(tool.name, words)).toBe(true),
    );
  });
}
