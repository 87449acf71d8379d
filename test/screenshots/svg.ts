import { createAnsiSequenceParser, createColorPalette, type ParseToken } from 'ansi-sequence-parser';

/** How a screen is painted: the two that README pages come in. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  /** ANSI's named colours, where they differ from the parser's. */
  readonly colors: Readonly<Partial<Record<string, string>>>;
}

export const THEMES: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    background: '#ffffff',
    foreground: '#1f2328',
    colors: { cyan: '#0a6e7f', blue: '#0550ae', green: '#116329', yellow: '#7d4e00', red: '#b3261e' },
  },
  dark: {
    background: '#161b22',
    foreground: '#e6edf3',
    colors: { cyan: '#56d4dd', blue: '#79c0ff', green: '#7ee787', yellow: '#e3b341', red: '#ff7b72' },
  },
};

const CELL = { width: 8.4, height: 19, font: 14 };
const MARGIN = 16;

/** A terminal's screen, with its escape sequences, as a picture that is text: it can be searched and read aloud. */
export function renderSvg(screen: string, title: string, theme: Theme): string {
  const parser = createAnsiSequenceParser();
  const lines = screen.split('\n').map((line) => parser.parse(line));
  const columns = Math.max(
    ...lines.map((tokens) => tokens.reduce((sum, { value }) => sum + value.length, 0)),
  );
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${theme.background}" stroke="${theme.foreground}" stroke-opacity=".2"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${CELL.font}" xml:space="preserve">`,
    ...lines.flatMap((tokens, row) => renderLine(tokens, MARGIN + (row + 0.75) * CELL.height, theme)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Each piece stands in its column and is as wide as its cells, whatever font the reader's browser takes. */
function renderLine(tokens: readonly ParseToken[], y: number, theme: Theme): string[] {
  let column = 0;
  return tokens.flatMap((token) => {
    const x = MARGIN + column * CELL.width;
    column += token.value.length;
    if (token.value.trim() === '') return [];
    const length = (token.value.length * CELL.width).toFixed(1);
    return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length}" ${styleOf(token, theme)}>${escapeXml(token.value)}</text>`;
  });
}

function styleOf({ foreground, decorations }: ParseToken, theme: Theme): string {
  const named = foreground?.type === 'named' ? theme.colors[foreground.name] : undefined;
  const color = named ?? (foreground ? createColorPalette().value(foreground) : theme.foreground);
  const weight = decorations.has('bold') ? ' font-weight="bold"' : '';
  const opacity = decorations.has('dim') ? ' fill-opacity=".65"' : '';
  return `fill="${color}"${weight}${opacity}`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
