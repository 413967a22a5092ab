import { unsupported } from "../unsupported.ts";

/** The attributes of Resize that say how an axis is resampled. */
export interface Sampling {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: string;
  readonly nearest: string;
  /** The coefficient a of the cubic (Keys 1981). */
  readonly cubic: number;
  /** Weights of cells outside are dropped and the others scaled up. */
  readonly excludeOutside: boolean;
  /** Widen the filter when the axis is made shorter. */
  readonly antialias: boolean;
}

/** The input coordinate of an output cell, by the formulas of the operator's description. */
function coordinate(i: number, from: number, to: number, scale: number, mode: string): number {
  switch (mode) {
    case "half_pixel":
      return (i + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      const adjustment = to / (scale * from);
      return (from / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return to > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
    case "asymmetric":
      return i / scale;
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    default:
      return unsupported(`coordinate_transformation_mode="${mode}"`);
  }
}

function nearestCell(x: number, mode: string, scale: number): number {
  switch (mode) {
    // Operators before Resize 11 do not say; this is what their tests ask for.
    case "simple":
      return scale < 1 ? Math.ceil(x) : Math.floor(x);
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    default:
      return unsupported(`nearest_mode="${mode}"`);
  }
}

/** The triangle, or Keys' cubic convolution kernel. */
function filter(distance: number, { mode, cubic: a }: Sampling): number {
  const d = Math.abs(distance);
  if (mode === "linear") return Math.max(1 - d, 0);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** Row i holds the shares of the input cells in output cell i: [to, from]. */
export function resizeWeights(from: number, to: number, scale: number, sampling: Sampling): Float64Array {
  const table = new Float64Array(from * to);
  const inside = (cell: number): number => Math.min(Math.max(cell, 0), from - 1);
  const shrink = sampling.antialias && scale < 1 ? scale : 1;
  const reach = (sampling.mode === "linear" ? 1 : 2) / shrink;
  for (let i = 0; i < to; i++) {
    const x = coordinate(i, from, to, scale, sampling.coordinates);
    const row = table.subarray(i * from, (i + 1) * from);
    if (sampling.mode === "nearest") {
      row[inside(nearestCell(x, sampling.nearest, scale))] = 1;
      continue;
    }
    let total = 0;
    // Coordinates far beyond the edge are as good as ones a few cells beyond it.
    const margin = sampling.mode === "linear" ? 0 : 3;
    const center = sampling.antialias ? x : Math.min(Math.max(x, -margin), from - 1 + margin);
    for (let cell = Math.ceil(center - reach); cell <= Math.floor(center + reach); cell++) {
      if (sampling.excludeOutside && (cell < 0 || cell >= from)) continue;
      const weight = filter((cell - center) * shrink, sampling);
      (row[inside(cell)] as number) += weight;
      total += weight;
    }
    if (total !== 0) for (let k = 0; k < from; k++) (row[k] as number) /= total;
  }
  return table;
}
