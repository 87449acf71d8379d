/** Lines of at most `width` columns, broken between words and never before an option. `rest` begins all but the first. */
export function wrap(text: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  let line = '';
  let indent = first;
  for (const word of text.split(/ (?!-)/)) {
    if (line && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
      indent = rest;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, indent + line];
}
