/** A command as a man page describes it. */
export interface ManCommand {
  /** `status`, or `config set`. */
  readonly name: string;
  /** The options in its usage, sorted: `--json`, `-y`. */
  readonly used: readonly string[];
  /** The options that have a paragraph of their own, sorted. */
  readonly described: readonly string[];
}

/**
 * The commands in the section COMMANDS of an mdoc page (mdoc(7)). Each is an item of the outer list, `.It Xo`, its usage
 * in macro lines up to `.Xc`; the options that it describes are items too, `.It Fl -json`.
 */
export function readManPage(source: string): ManCommand[] {
  const section = /^\.Sh COMMANDS\n([\s\S]*?)^\.Sh /m.exec(source)?.[1] ?? '';
  return section
    .split(/^\.It Xo\n/m)
    .slice(1)
    .map((item) => {
      const [usage = '', text = ''] = item.split(/^\.Xc\n/m);
      const name = [...usage.matchAll(/^\.Cm (.*)$/gm)].map(([, word]) => word).join(' ');
      const described = [...text.matchAll(/^\.It (Fl .*)$/gm)].map(([, line]) => line).join('\n');
      return { name, used: readFlags(usage), described: readFlags(described) };
    });
}

function readFlags(lines: string): string[] {
  return [...lines.matchAll(/\bFl (-?\w\S*)/g)].map(([, flag]) => `-${flag}`).sort();
}
