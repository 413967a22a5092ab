/**
 * Colours for a light and a dark background, by role. The six colours of series stay apart under protanopia, deuteranopia
 * and tritanopia, and have a contrast of 3 : 1 with the paper (test/theme.test.ts measures both).
 */
const roles = {
  paper: ["#ffffff", "#15181e"],
  ink: ["#1f2933", "#e4e7eb"],
  quiet: ["#5f6c7b", "#a3aebb"],
  grid: ["#e6e9ed", "#2f3640"],
  axis: ["#9aa5b1", "#6b7684"],
  promise: ["#c62828", "#ff8a80"],
} as const;

const series = [
  ["#2563c9", "#6ea8ff"],
  ["#b45309", "#f5b450"],
  ["#36a1a1", "#d9f2e1"],
  ["#910886", "#a4467d"],
  ["#383c42", "#bac3c9"],
  ["#261a03", "#be830e"],
] as const;

/** A colour on a light and on a dark background. */
export interface ShadedColor {
  readonly light: string;
  readonly dark: string;
}

const shaded = ([light, dark]: readonly [string, string]): ShadedColor => ({ light, dark });

/** The colours of series, in order: classes `pc-line1`, `pc-fill1`, `pc-line2`, ... of a chart. */
export const seriesColors: readonly ShadedColor[] = series.map(shaded);

/** The colour behind a chart. */
export const paperColor: ShadedColor = shaded(roles.paper);

const fills = (shade: 0 | 1, from: number, to: number): string =>
  series
    .slice(from, to)
    .map((colour, k) => `.pc-fill${from + k + 1}{fill:${colour[shade]}}`)
    .join("");
const strokes = (shade: 0 | 1, from: number, to: number): string =>
  series
    .slice(from, to)
    .map((colour, k) => `.pc-line${from + k + 1}{stroke:${colour[shade]}}`)
    .join("");

const rules = (shade: 0 | 1): string =>
  [
    `.pc-paper{fill:${roles.paper[shade]}}`,
    `.pc-ink{fill:${roles.ink[shade]}}`,
    `.pc-quiet{fill:${roles.quiet[shade]}}`,
    `.pc-grid{stroke:${roles.grid[shade]}}`,
    `.pc-axis{stroke:${roles.axis[shade]}}`,
    `.pc-promise{stroke:${roles.promise[shade]}}`,
    fills(shade, 0, 2),
    strokes(shade, 0, 2),
  ].join("");

/** The style sheet of every chart. Equal in all of them, so that several may share a page. */
export const chartStyle: string =
  ".pc{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}" +
  ".pc-title{font-size:14px;font-weight:600}.pc-line1,.pc-line2,.pc-promise{fill:none;stroke-width:1.8}" +
  ".pc-promise{stroke-dasharray:5 4;stroke-width:1.4}" +
  `${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}`;

/** What charts with more than two colours have besides. */
export const moreColorsStyle: string =
  ".pc-line3,.pc-line4,.pc-line5,.pc-line6{fill:none;stroke-width:1.8}" +
  `${fills(0, 2, 6)}${strokes(0, 2, 6)}@media(prefers-color-scheme:dark){${fills(1, 2, 6)}${strokes(1, 2, 6)}}`;

/** The style sheet of a report page, in the same colours. */
export const pageStyle: string = `
:root{color-scheme:light dark;--paper:${roles.paper[0]};--ink:${roles.ink[0]};--quiet:${roles.quiet[0]};--grid:${roles.grid[0]}}
@media(prefers-color-scheme:dark){:root{--paper:${roles.paper[1]};--ink:${roles.ink[1]};--quiet:${roles.quiet[1]};--grid:${roles.grid[1]}}}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--ink);background:var(--paper);max-width:1180px;margin:2rem auto;padding:0 1.5rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .6rem}h2{font-size:1.25rem;margin:2.2rem 0 .4rem;padding-top:1.2rem;border-top:1px solid var(--grid)}
p{max-width:46rem;margin:.4rem 0}.facts{display:flex;flex-wrap:wrap;gap:.7rem 2.2rem;margin:.9rem 0}.facts dt{color:var(--quiet);font-size:.82rem}
.facts dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:1.2rem;margin:1rem 0}
figure{margin:0;max-width:640px}figcaption{color:var(--quiet);font-size:.85rem;max-width:36rem}svg{max-width:100%;height:auto}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid var(--grid)}
th{color:var(--quiet);font-weight:500;font-size:.85rem}th:first-child,td:first-child{text-align:left}
`.trim();
