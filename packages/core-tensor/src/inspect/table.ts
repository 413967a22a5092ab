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

/** Width of the widest text; not Math.max(…), which takes no more arguments than fit on the stack. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

/** Rows of texts under their titles, each column as wide as its longest text; no blanks at the ends of lines. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ most = Infinity }, i) => shorten(row[i] ?? "", most)),
  );
  const widths = columns.map((_, i) => widest(cells.map((row) => row[i] as string)));
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
