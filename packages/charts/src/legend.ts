import { type Look, marker } from "./looks.ts";
import { element } from "./svg.ts";
import { hundredth, label, shorten } from "./text.ts";

/** An entry of the legend. */
export interface LegendEntry {
  readonly name: string;
  /** Class of the sample line, and its `stroke-dasharray`. */
  readonly line?: string | undefined;
  readonly dash?: string | undefined;
  /** Class of the sample dot. */
  readonly dot?: string | undefined;
  /** Form of the sample dot. Default a circle. */
  readonly shape?: Look["shape"] | undefined;
}

/** Height of one row. */
export const legendRow = 18;

interface Placed {
  readonly entry: LegendEntry;
  readonly shown: string;
  readonly x: number;
  readonly row: number;
}

/** Entries in up to `rows` rows of a chart `width` wide; those that find no room are left out. */
function place(entries: readonly LegendEntry[], width: number, rows: number): Placed[] {
  const placed: Placed[] = [];
  let [x, row] = [12, 0];
  for (const entry of entries) {
    const fit = (): string => shorten(entry.name, Math.min(44, (width - x - 30) / 6.3));
    const isFull = (): boolean => x + 40 + 6.3 * Array.from(fit()).length > width;
    // A name goes on in the next row before it is shortened to less than its first letters.
    if (
      x > 12 &&
      row + 1 < rows &&
      (isFull() || Array.from(fit()).length < Math.min(44, Array.from(entry.name).length))
    ) {
      [x, row] = [12, row + 1];
    }
    const end = x + 40 + 6.3 * Array.from(fit()).length;
    if (end > width) continue;
    placed.push({ entry, shown: fit(), x, row });
    x = end;
  }
  return placed;
}

/** Rows that the legend needs, at most `most` and at least one. */
export function legendRows(entries: readonly LegendEntry[], width: number, most: number): number {
  return place(entries, width, Math.max(1, most)).reduce((rows, { row }) => Math.max(rows, row + 1), 1);
}

/** The legend, under the title. */
export function legend(entries: readonly LegendEntry[], width: number, rows: number): string[] {
  return place(entries, width, rows).map(({ entry, shown, x, row }) => {
    const { line, dash, dot, shape = "circle" } = entry;
    const y = 33 + legendRow * row;
    const samples = [
      line === undefined
        ? ""
        : element("path", { class: line, "stroke-dasharray": dash, d: `M${hundredth(x)} ${y}h16` }),
      dot === undefined ? "" : marker({ fill: dot, shape }, x + 8, y, 3.5),
    ];
    return samples.join("") + label(x + 22, y + 4, shown, { class: "pc-quiet" });
  });
}
