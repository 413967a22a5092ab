import { textOf } from "./svg.ts";
import { pageStyle } from "./theme.ts";

/** A chart on the page. */
export interface ReportChart {
  /** Markup from a chart function of this entry; it is put in as it is. */
  readonly svg: string;
  readonly caption?: string;
}

/** A part of the page; what it has is written in the order of these members. */
export interface ReportSection {
  readonly title?: string;
  readonly paragraphs?: readonly string[];
  /** Names with values, in large print. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  readonly charts?: readonly ReportChart[];
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** Markup of your own, put in as it is: the only text that isn't escaped. */
  readonly html?: string;
}

/** What `reportPage` writes. */
export interface ReportPageOptions {
  readonly title: string;
  readonly sections: readonly ReportSection[];
  /** Language of the text. Default "en". */
  readonly language?: string;
}

/**
 * A report as one HTML file without outside parts: no script, no font, no request. Legible on light and dark screens and
 * on paper. All text is escaped, except `svg` and `html`.
 */
export function reportPage(options: ReportPageOptions): string {
  const { title, sections, language = "en" } = options;
  return `<!doctype html>
<html lang="${textOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${textOf(title)}</title>
<style>
${pageStyle}
</style>
</head>
<body>
<h1>${textOf(title)}</h1>
${sections.map(sectionOf).join("\n")}
</body>
</html>
`;
}

function sectionOf({ title, paragraphs = [], facts = [], charts = [], table, html = "" }: ReportSection): string {
  const parts = [
    title === undefined ? "" : `<h2>${textOf(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${textOf(paragraph)}</p>`),
    facts.length === 0 ? "" : `<dl class="facts">${facts.map(factOf).join("")}</dl>`,
    charts.length === 0 ? "" : `<div class="charts">${charts.map(figureOf).join("")}</div>`,
    table === undefined ? "" : tableOf(table),
    html,
  ];
  return `<section>\n${parts.filter((part) => part !== "").join("\n")}\n</section>`;
}

function factOf([name, value]: readonly [string, string]): string {
  return `<div><dt>${textOf(name)}</dt><dd>${textOf(value)}</dd></div>`;
}

function figureOf({ svg, caption }: ReportChart): string {
  return `<figure>${svg}${caption === undefined ? "" : `<figcaption>${textOf(caption)}</figcaption>`}</figure>`;
}

function tableOf({ columns, rows }: NonNullable<ReportSection["table"]>): string {
  const line = (cells: readonly string[], tag: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${textOf(cell)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${line(columns, "th")}</thead><tbody>${rows.map((row) => line(row, "td")).join("")}</tbody></table>`;
}
