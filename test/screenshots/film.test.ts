import { expect, test } from 'vitest';
import { renderFilm, THEMES } from './film.ts';

const FRAMES = [
  { screen: '$ gdb', seconds: 1 },
  { screen: '$ gdb\n\x1b[1mask\x1b[0m  <now>', seconds: 2 },
  { screen: '$ gdb\n(gdb)', seconds: 1 },
];

test('a film shows each line for as long as it stands, and the still to whoever wants no motion', () => {
  expect(renderFilm(FRAMES, 1, 'gdb asks', THEMES.light)).toMatchInlineSnapshot(`
    "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 116 70" width="116" role="img" aria-label="gdb asks">
    <style>
    .run{visibility:hidden;animation:4.0s step-end infinite}
    @keyframes from0to3{0%{visibility:hidden}0.00%{visibility:visible}100.00%{visibility:hidden}}
    @keyframes from1to2{0%{visibility:hidden}25.00%{visibility:visible}75.00%{visibility:hidden}}
    @keyframes from2to3{0%{visibility:hidden}75.00%{visibility:visible}100.00%{visibility:hidden}}
    @media (prefers-reduced-motion:reduce){.run{animation:none}.still{visibility:visible}}
    </style>
    <rect width="100%" height="100%" rx="8" fill="#ffffff" stroke="#1f2328" stroke-opacity=".2"/>
    <g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
    <g class="run still" style="animation-name:from0to3"><text x="16.0" y="30.25" textLength="42.0" fill="#1f2328">$ gdb</text></g>
    <g class="run still" style="animation-name:from1to2"><text x="16.0" y="49.25" textLength="25.2" fill="#1f2328" font-weight="bold">ask</text><text x="58.0" y="49.25" textLength="42.0" fill="#1f2328">&lt;now></text></g>
    <g class="run" style="animation-name:from2to3"><text x="16.0" y="49.25" textLength="42.0" fill="#1f2328">(gdb)</text></g>
    </g>
    </svg>
    "
  `);
});
