/**
 * Reads arguments as glibc's getopt_long family does, and its relatives: short clusters, glued values, abbreviated long
 * names, permutation. The tools' grammars are data; what the options mean is the tools' own matter.
 */
export interface Grammar {
  /** As getopt's optstring: `ab:c::`, one character per option, `:` takes a value, `::` takes only a glued one. */
  readonly short: string;
  /**
   * Long names to what they mean, with the same colons: `{ attach: 'p:', quiet: 'quiet::' }`. The word before the
   * colons is the key that `Option.key` carries; names of one key are the same option to the rule on abbreviations.
   */
  readonly long: Readonly<Record<string, string>>;
  /** Long names stand in full, and a value glued to a short one may begin with `=`: pflag (Go), clap (Rust), LLVM. */
  readonly exact?: boolean;
  /** getopt_long_only (gdb): `-name` is the same as `--name`. */
  readonly longOnly?: boolean;
  /** Operands end the options (strace). Otherwise only with POSIXLY_CORRECT in the environment. */
  readonly stopAtOperand?: boolean;
  /** The option with this key ends the options, and operands before it are dropped (gdb --args). */
  readonly last?: string;
}

/** One option as met. Positions count from 0 in the words given. */
export interface Option {
  readonly key: string;
  readonly value: string | undefined;
  /** The word it stands in, and where in it: 0 for a long one, else the place of its letter in the cluster. */
  readonly word: number;
  readonly offset: number;
  /** 2 when the next word is its value. */
  readonly span: 1 | 2;
}

export interface Parsed {
  readonly options: readonly Option[];
  /** Positions of the words that are no options. */
  readonly operands: readonly number[];
  /** The position where options can no longer stand: that of `--`, of the first operand that ends them, of `last`. */
  readonly end: number;
}

/** What the words say, or undefined where getopt would complain (unknown, ambiguous, value missing or unwanted). */
export function parse(
  words: readonly string[],
  grammar: Grammar,
  env: Readonly<Record<string, string | undefined>>,
): Parsed | undefined {
  const stopAtOperand = grammar.stopAtOperand || env.POSIXLY_CORRECT !== undefined;
  const options: Option[] = [];
  const operands: number[] = [];
  const from = (position: number) => words.slice(position).map((_, index) => position + index);

  for (let at = 0; at < words.length; ) {
    const word = words[at]!;
    if (word === '--') return { options, operands: [...operands, ...from(at + 1)], end: at };
    if (!word.startsWith('-') || word === '-') {
      if (stopAtOperand) return { options, operands: from(at), end: at };
      operands.push(at++);
      continue;
    }
    const long = grammar.longOnly || word.startsWith('--');
    const met = long ? readLong(words, at, grammar) : readCluster(words, at, grammar);
    if (met === undefined) return undefined;
    options.push(...met);
    const final = met.at(-1)!;
    if (final.key === grammar.last) return { options, operands: from(at + 1), end: at };
    at += final.span;
  }
  return { options, operands, end: words.length };
}

function readLong(words: readonly string[], at: number, grammar: Grammar): Option[] | undefined {
  const word = words[at]!;
  const [, name, glued] = /^--?([^=]*)(?:=(.*))?$/s.exec(word)!;
  const meaning = findLong(name!, grammar);
  if (meaning === undefined) return undefined;
  const { key, takes } = readMeaning(meaning);
  if (glued !== undefined) {
    return takes === 'nothing' ? undefined : [{ key, value: glued, word: at, offset: 0, span: 1 }];
  }
  if (takes !== 'value') return [{ key, value: undefined, word: at, offset: 0, span: 1 }];
  if (at + 1 === words.length) return undefined;
  return [{ key, value: words[at + 1]!, word: at, offset: 0, span: 2 }];
}

/** An exact name wins; a prefix must leave one option, where getopt_long (not _only) counts synonyms as one. */
function findLong(name: string, { long, longOnly, exact }: Grammar): string | undefined {
  if (Object.hasOwn(long, name)) return long[name];
  if (exact) return undefined;
  const candidates = Object.keys(long).filter((candidate) => candidate.startsWith(name));
  const meanings = new Set(candidates.map((candidate) => (longOnly ? candidate : long[candidate])));
  return meanings.size === 1 ? long[candidates[0]!] : undefined;
}

function readCluster(words: readonly string[], at: number, { short, exact }: Grammar): Option[] | undefined {
  const word = words[at]!;
  const options: Option[] = [];
  for (let offset = 1; offset < word.length; offset++) {
    const key = word[offset]!;
    const place = short.indexOf(key);
    if (place < 0 || key === ':') return undefined;
    const { takes } = readMeaning(short.slice(place, place + 3).replace(/^(.:{0,2}).*/, '$1'));
    const rest = word.slice(offset + 1).replace(exact ? /^=/ : '', '');
    if (takes === 'nothing') options.push({ key, value: undefined, word: at, offset, span: 1 });
    else if (rest || takes === 'glued') {
      return [...options, { key, value: rest || undefined, word: at, offset, span: 1 }];
    } else if (at + 1 === words.length) return undefined;
    else return [...options, { key, value: words[at + 1]!, word: at, offset, span: 2 }];
  }
  return options;
}

function readMeaning(meaning: string): { key: string; takes: 'nothing' | 'value' | 'glued' } {
  const key = meaning.replace(/:+$/, '');
  return { key, takes: (['nothing', 'value', 'glued'] as const)[meaning.length - key.length]! };
}
