import type { Attach, Intent } from '../../src/tools/tool.ts';

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
