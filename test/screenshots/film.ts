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

/** What a terminal shows, with its escape sequences, and for how long. */
export interface Frame {
  readonly screen: string;
  readonly seconds: number;
}

/**
 * A terminal's screens as a film without a script, which is text: it can be searched and read aloud. Who wants no motion
 * sees the frame with the number `still`.
 */
export function renderFilm(frames: readonly Frame[], still: number, title: string, theme: Theme): string {
  const screens = frames.map(({ screen }) => parseScreen(screen));
  const rows = Math.max(...screens.map((lines) => lines.length));
  const columns = Math.max(...screens.flat().map(widthOf));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  const rendered = screens.map((lines) => lines.map((line, row) => renderLine(line, row, theme)));
  const runs = Array.from({ length: rows }, (_, row) => findRuns(rendered.map((lines) => lines[row] ?? '')));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escapeXml(title)}">`,
    '<style>',
    ...renderStyle(frames, runs.flat()),
    '</style>',
    `<rect width="100%" height="100%" rx="8" fill="${theme.background}" stroke="${theme.foreground}" stroke-opacity=".2"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${CELL.font}">`,
    ...runs.flat().map((run) => {
      const classes = run.from <= still && still < run.to ? 'run still' : 'run';
      return `<g class="${classes}" style="animation-name:${nameOf(run)}">${run.line}</g>`;
    }),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A line that stays the same from one frame to before another one. */
interface Run {
  readonly line: string;
  readonly from: number;
  readonly to: number;
}

/** Of one row, whose line in each frame is given. */
function findRuns(lines: readonly string[]): Run[] {
  const starts = [...lines.keys()].filter((frame) => lines[frame] !== lines[frame - 1]);
  return starts
    .map((from, index) => ({ line: lines[from]!, from, to: starts[index + 1] ?? lines.length }))
    .filter(({ line }) => line !== '');
}

function renderStyle(frames: readonly Frame[], runs: readonly Run[]): string[] {
  const starts = frames.map((_, index) =>
    frames.slice(0, index).reduce((sum, { seconds }) => sum + seconds, 0),
  );
  const total = starts.at(-1)! + frames.at(-1)!.seconds;
  const percent = (frame: number) => `${(((starts[frame] ?? total) / total) * 100).toFixed(2)}%`;
  const keyframes = runs.map(
    (run) =>
      `@keyframes ${nameOf(run)}{0%{visibility:hidden}${percent(run.from)}{visibility:visible}${percent(run.to)}{visibility:hidden}}`,
  );
  return [
    `.run{visibility:hidden;animation:${total.toFixed(1)}s step-end infinite}`,
    ...new Set(keyframes),
    '@media (prefers-reduced-motion:reduce){.run{animation:none}.still{visibility:visible}}',
  ];
}

function nameOf({ from, to }: Run): string {
  return `from${from}to${to}`;
}

function parseScreen(screen: string): ParseToken[][] {
  const parser = createAnsiSequenceParser();
  return screen.split('\n').map((line) => parser.parse(line));
}

function widthOf(tokens: readonly ParseToken[]): number {
  return tokens.reduce((sum, { value }) => sum + value.length, 0);
}

/** Each piece stands in its column and is as wide as its cells, whatever the reader's browser makes of fonts and blanks. */
function renderLine(tokens: readonly ParseToken[], row: number, theme: Theme): string {
  const y = MARGIN + (row + 0.75) * CELL.height;
  let column = 0;
  const pieces = tokens.flatMap((token) => {
    const start = column;
    column += token.value.length;
    return [...token.value.matchAll(/\S+(?: \S+)*/g)].map(({ 0: text, index }) => {
      const x = MARGIN + (start + index) * CELL.width;
      const length = text.length * CELL.width;
      return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length.toFixed(1)}" ${styleOf(token, theme)}>${escapeXml(text)}</text>`;
    });
  });
  return pieces.join('');
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
