import { shorten } from "./units.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly align: "left" | "right";
  /** Characters at most; longer texts lose their middle. Default: any number. */
  readonly most?: number;
}

const GAP = "  ";

/** Characters of a text, as far as a terminal gives each the same room. */
export function widthOf(text: string): number {
  return [...text].length;
}

/** Rows of texts under their titles, each column as wide as its longest text; no blanks at the ends of lines. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ most = Infinity }, i) => shorten(row[i] ?? "", most)),
  );
  const widths = columns.map((_, i) => cells.reduce((widest, row) => Math.max(widest, widthOf(row[i] as string)), 0));
  return cells.map((row) =>
    row
      .map((text, i) => {
        const blank = " ".repeat((widths[i] as number) - widthOf(text));
        return columns[i]?.align === "right" ? blank + text : text + blank;
      })
      .join(GAP)
      .trimEnd(),
  );
}
