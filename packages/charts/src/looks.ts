import { seriesColors } from "./theme.ts";
import { element, round } from "./svg.ts";

/** How one of several series is drawn, so that it is told apart without its colour too. */
export interface Look {
  /** Class of its lines, `"pc-line1"` to `"pc-line6"`. */
  readonly line: string;
  /** Class of its areas and marks. */
  readonly fill: string;
  /** As `stroke-dasharray`; undefined for a solid line. */
  readonly dash: string | undefined;
  readonly shape: Shape;
}

/** The form of a mark at a point. */
export type Shape = "circle" | "square" | "triangle" | "diamond" | "nabla" | "cross";

const shapes: readonly Shape[] = ["circle", "square", "triangle", "diamond", "nabla", "cross"];
const dashes: readonly (string | undefined)[] = [undefined, undefined, "7 3", "2 3", "8 3 2 3", "13 4"];
/** Of the series that have a colour again. */
const secondDash = "10 3 2 3 2 3";

/** Number of looks that differ. */
export const looksCount: number = 2 * seriesColors.length;

/** The look with a number from 0 to `looksCount - 1`: six colours, then the same with other dashes. */
export function lookOf(number: number): Look {
  const k = number % seriesColors.length;
  return {
    line: `pc-line${k + 1}`,
    fill: `pc-fill${k + 1}`,
    dash: number < seriesColors.length ? dashes[k] : secondDash,
    shape: shapes[k] as Shape,
  };
}

/** A mark at a point. `r` is about half its width. */
export function marker(look: Pick<Look, "fill" | "shape">, x: number, y: number, r: number): string {
  if (look.shape === "circle") return element("circle", { class: look.fill, cx: x, cy: y, r });
  const corners = outlines[look.shape].map(([dx, dy]) => `${round(x + r * dx)} ${round(y + r * dy)}`);
  return element("path", { class: look.fill, d: `M${corners.join("L")}Z` });
}

const third = 0.35;
const outlines: Readonly<Record<Exclude<Shape, "circle">, readonly (readonly [number, number])[]>> = {
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  triangle: [
    [0, -1.2],
    [1.1, 0.8],
    [-1.1, 0.8],
  ],
  diamond: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  nabla: [
    [0, 1.2],
    [1.1, -0.8],
    [-1.1, -0.8],
  ],
  cross: [
    [-third, -1.1],
    [third, -1.1],
    [third, -third],
    [1.1, -third],
    [1.1, third],
    [third, third],
    [third, 1.1],
    [-third, 1.1],
    [-third, third],
    [-1.1, third],
    [-1.1, -third],
    [-third, -third],
  ],
};
