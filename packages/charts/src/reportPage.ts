import { textOf } from "./svg.ts";
import { pageStyle } from "./theme.ts";

/** A chart on the page. */
export interface ReportChart {
  /** Markup from a chart function; it is put in as it is. */
  readonly svg: string;
  readonly caption?: string;
}

/** A text file that the page carries. */
export interface ReportDownload {
  /** Name that it is saved under. */
  readonly name: string;
  /** For example "text/csv" or "application/json". */
  readonly type: string;
  readonly text: string;
}

/** A part of the page; what it has is written in the order of these members. */
export interface ReportSection {
  readonly title?: string;
  readonly paragraphs?: readonly string[];
  /** Names with values, in large print. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  readonly charts?: readonly ReportChart[];
  /** Least width of a chart in CSS pixels, at least 100: as many stand side by side as the page has room for. Default 460. */
  readonly chartWidth?: number;
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** Files inside the page, such as the numbers behind its charts: a link each, which saves the file. */
  readonly downloads?: readonly ReportDownload[];
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

function sectionOf(section: ReportSection): string {
  const { title, paragraphs = [], facts = [], charts = [], chartWidth, table, downloads = [], html = "" } = section;
  const parts = [
    title === undefined ? "" : `<h2>${textOf(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${textOf(paragraph)}</p>`),
    facts.length === 0 ? "" : `<dl class="facts">${facts.map(factOf).join("")}</dl>`,
    charts.length === 0 ? "" : `<div class="charts"${gridOf(chartWidth)}>${charts.map(figureOf).join("")}</div>`,
    table === undefined ? "" : tableOf(table),
    downloads.length === 0 ? "" : `<p>${downloads.map(downloadOf).join(", ")}</p>`,
    html,
  ];
  return `<section>\n${parts.filter((part) => part !== "").join("\n")}\n</section>`;
}

function gridOf(chartWidth: number | undefined): string {
  if (chartWidth === undefined || !Number.isFinite(chartWidth)) return "";
  return ` style="grid-template-columns:repeat(auto-fit,minmax(min(100%,${Math.max(100, chartWidth)}px),1fr))"`;
}

function downloadOf({ name, type, text }: ReportDownload): string {
  // Half characters have no code in UTF-8; encodeURIComponent would throw for them.
  const data = encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, "\ufffd"));
  return `<a download="${textOf(name)}" href="data:${textOf(type)};charset=utf-8,${textOf(data)}">${textOf(name)}</a>`;
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
