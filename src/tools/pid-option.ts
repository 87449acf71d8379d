/**
 * The process that `-p` or `--pid` names, for tools whose other options we do not list: `-p 12`, `-p12`, `-p=12`, `--pid 12`,
 * `--pid=12`, before any `--`; in decimal, or in hex as py-spy takes it. The last one counts; undefined where there is none.
 */
export function readPidOption(words: readonly string[]): number | undefined {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const values = own.flatMap((word, at) => {
    const [, glued] = /^(?:-p=?|--pid=)(\w+)$/.exec(word) ?? [];
    if (glued !== undefined) return [glued];
    return word === '-p' || word === '--pid' ? [own[at + 1] ?? ''] : [];
  });
  const last = values.at(-1);
  const pid = last !== undefined && /^(\d{1,10}|0x[\da-f]{1,8})$/i.test(last) ? Number(last) : 0;
  return pid > 0 ? pid : undefined;
}
