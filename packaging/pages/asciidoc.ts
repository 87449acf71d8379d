import { execa } from 'execa';

/** One section of a man page, as AsciiDoc. */
export interface Section {
  /** What a link to it ends with. */
  readonly anchor: string;
  readonly title: string;
  /** Two for a `.Ss`, and one for a `.Sh`. */
  readonly level: 1 | 2;
  readonly body: string;
}

/** By mandoc's HTML: its Markdown runs what follows a list into the list. */
export async function readManPage(path: string): Promise<Section[]> {
  const { stdout } = await execa('mandoc', ['-T', 'html', '-O', 'fragment', path]);
  const sections = stdout.matchAll(
    /<h([12]) [^>]*>([\s\S]*?)<\/h\1>([\s\S]*?)(?=<h[12] |<table class="foot">)/g,
  );
  return Array.from(sections, ([, level, heading, html]) => {
    const name = heading!.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
    const isTop = level === '1';
    return {
      anchor: toAnchor(name),
      title: isTop ? name[0] + name.slice(1).toLowerCase() : name,
      level: isTop ? 1 : 2,
      body: toAsciiDoc(html!),
    };
  });
}

/** Mandoc's links have another form than its anchors where a name has a hyphen. */
function toAnchor(name: string): string {
  return name.toLowerCase().replaceAll(/[ _]/g, '-');
}

/** What a tool prints stays as it is; in everything else AsciiDoc would see markup of its own. */
function toAsciiDoc(html: string): string {
  const parts = html.split(/<pre>([\s\S]*?)<\/pre>/);
  const text = parts.map((part, index) => (index % 2 === 0 ? toProse(part) : toLiteral(part))).join('');
  return unescapeHtml(text.replaceAll(/\n{3,}/g, '\n\n').trim());
}

function toProse(html: string): string {
  return html
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<div class="Bd Bd-indent"><code[^>]*>(.*?)<\/code>/g, (_, text) => toLiteral(text))
    .replaceAll(/<ol.*?<\/ol>/g, (list) => `\n${list.replaceAll('<li>', '\n. ')}`)
    .replaceAll(/<ul.*?<\/ul>/g, (list) => `\n${list.replaceAll('<li>', '\n* ')}`)
    .replaceAll('<p class="Pp">', '\n\n')
    .replaceAll(/(?:&#x2018;)?<(code|span)[^>]*>(.*?)<\/\1>(?:&#x2019;)?/g, '`+$2+`')
    .replaceAll(/&#x201C;(.*?)&#x201D;/g, '&#x201C;+$1+&#x201D;')
    .replaceAll(/<a [^>]*href="#(.*?)".*?<\/a>/g, (_, target) => `&lt;&lt;${toAnchor(target)}&gt;&gt;`)
    .replaceAll(/<a [^>]*href="(.*?)">(.*?)<\/a>/g, '$1[$2]')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/(?<=\S)\. (?=[A-Z`])/g, '.\n')
    .replaceAll(/^ +| +$/gm, '');
}

function toLiteral(text: string): string {
  return `\n\n....\n${text}\n....\n\n`;
}

function unescapeHtml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text.replaceAll(/&(?:#x(\w+)|(\w+));/g, (_, code, name) =>
    code ? String.fromCodePoint(Number.parseInt(code, 16)) : named[name]!,
  );
}
