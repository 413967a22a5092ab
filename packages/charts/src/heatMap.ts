import { ChartError, checkLength, checkWhole } from "./errors.ts";
import { type ChartOptions, chart, frameOf } from "./frame.ts";
import { type TickFormat, extent, linearScale, withTicks } from "./scale.ts";
import { element, textOf } from "./svg.ts";
import { label, shorten } from "./text.ts";

/** Options of `heatMap`. */
export interface HeatMapOptions extends ChartOptions {
  /** Cells in a row. */
  readonly columns: number;
  /** Value of the faintest colour. Default 0, or the least value when that is negative. */
  readonly from?: number;
  /** Value of the full colour. Default: the largest value. */
  readonly to?: number;
  /** What the values are, under the picture. */
  readonly label?: string;
  readonly format?: TickFormat;
}

/** Shades that are told apart. */
const shades = 64;

/**
 * A grid of square cells, the darker the larger their value (on a dark screen: the brighter): a picture of pixels, weights or
 * counts. Values that aren't finite have an empty cell.
 *
 * @param values `[rows * columns]`, row by row from the top
 * @returns one SVG document
 * @throws ChartError E_RANGE for columns that are no whole number >= 1, or ends that aren't finite; E_LENGTH when the values
 *   fill no whole rows
 */
export function heatMap(values: ArrayLike<number>, options: HeatMapOptions): string {
  const where = "heatMap";
  const { columns, title = "Map", label: name = "value", format = "number" } = options;
  checkWhole(where, "columns", columns, 1);
  const rows = Math.ceil(values.length / columns);
  checkLength(where, "values", values.length, rows * columns);
  const found = extent(Array.from(values), [0, 1]);
  const { from = Math.min(0, found[0]), to = found[1] } = options;
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    throw new ChartError("E_RANGE", `${where}: from and to must be finite, got ${from}, ${to}`);
  }
  const frame = frameOf({ height: 360, width: 340, ...options });
  const room = { width: frame.width - 24, height: frame.bottom - 34 };
  const size = Math.min(room.width / columns, room.height / Math.max(1, rows));
  const left = 12 + (room.width - size * columns) / 2;
  const shade = (value: number): number =>
    to > from
      ? Math.round((shades * (Math.min(to, Math.max(from, value)) - from)) / (to - from))
      : value > from
        ? shades
        : 0;
  const cells: string[] = [];
  for (let row = 0; row < rows; row++) {
    // Neighbours of one shade are one rectangle.
    for (let start = 0, end = 0; start < columns; start = end) {
      const of = (column: number): number => shade(values[row * columns + column] as number);
      const here = of(start);
      for (end = start + 1; end < columns && Object.is(of(end), here); ) end++;
      if (!(here > 0)) continue;
      cells.push(
        element("rect", {
          class: "pc-fill1",
          "fill-opacity": here === shades ? undefined : String(Number((here / shades).toFixed(3))),
          x: left + size * start,
          y: 34 + size * row,
          width: size * (end - start),
          height: size,
        }),
      );
    }
  }
  const outline = [left, 34, left + size * columns, 34 + size * rows].map((at) => Math.round(100 * at) / 100);
  const border = `M${outline[0]} ${outline[1]}H${outline[2]}V${outline[3]}H${outline[0]}Z`;
  return chart(
    frame,
    {
      title,
      description: options.description ?? `${rows} rows of ${columns} values between ${found[0]} and ${found[1]}`,
    },
    element("g", { "shape-rendering": "crispEdges" }, ...cells),
    rows === 0 ? "" : element("path", { class: "pc-axis", fill: "none", d: border }),
    key(frame.bottom + 18, frame.width, [from, to], name, format),
  );
}

/** The shades with their values. */
function key(
  y: number,
  width: number,
  [from, to]: readonly [number, number],
  name: string,
  format: TickFormat,
): string {
  const { print } = withTicks(linearScale([from, to], [0, 1]), [], format);
  const [start, end] = [Math.max(46, width / 2 - 90), Math.min(width - 46, width / 2 + 90)];
  const samples = Array.from({ length: 8 }, (_, i) => {
    const x = start + (i / 8) * (end - start);
    const opacity = String((i + 1) / 8);
    return element("rect", {
      class: "pc-fill1",
      "fill-opacity": opacity,
      x,
      y: y - 9,
      width: (end - start) / 8,
      height: 10,
    });
  });
  const quiet = { class: "pc-quiet" };
  return (
    element("g", {}, element("title", {}, textOf(name)), ...samples) +
    label(start - 6, y, shorten(print(from), 7), { ...quiet, "text-anchor": "end" }) +
    label(end + 6, y, shorten(print(to), 7), quiet) +
    label(width / 2, y + 20, shorten(name, (width - 24) / 6), { ...quiet, "text-anchor": "middle" })
  );
}
