import type { ResizeAttributes } from "../vocabulary.ts";

/** For each output position along an axis: the two cells it is made from, and the share of the second one. */
export interface ResizePlan {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float64Array;
}

/**
 * Input coordinate of an output position, as the operator `Resize` of the ONNX standard defines it for sizes
 * (the scale is output length / input length). Written as one quotient of whole numbers, so that halves are
 * exact. `half_pixel_symmetric` differs from `half_pixel` only where a scale is given that is no such quotient.
 */
function sourceCoordinate(
  position: number,
  from: number,
  to: number,
  mode: ResizeAttributes["coordinateMode"],
): number {
  switch (mode) {
    case "align_corners":
      return to === 1 ? 0 : (position * (from - 1)) / (to - 1);
    case "asymmetric":
      return (position * from) / to;
    case "pytorch_half_pixel":
      if (to === 1) return 0;
      break;
    default:
  }
  return ((2 * position + 1) * from - to) / (2 * to);
}

function nearestCell(coordinate: number, mode: ResizeAttributes["nearestMode"]): number {
  switch (mode) {
    case "floor":
      return Math.floor(coordinate);
    case "ceil":
      return Math.ceil(coordinate);
    case "round_prefer_floor":
      return Math.ceil(coordinate - 0.5);
    case "round_prefer_ceil":
      return Math.floor(coordinate + 0.5);
  }
}

/** How an axis of length `from` is resampled to length `to`. Cells beyond the edge repeat the edge. */
export function resizePlan(
  from: number,
  to: number,
  { mode, coordinateMode, nearestMode }: Pick<ResizeAttributes, "mode" | "coordinateMode" | "nearestMode">,
): ResizePlan {
  const plan: ResizePlan = { low: new Int32Array(to), high: new Int32Array(to), share: new Float64Array(to) };
  const inside = (cell: number): number => Math.min(Math.max(cell, 0), from - 1);
  for (let i = 0; i < to; i++) {
    const coordinate = sourceCoordinate(i, from, to, coordinateMode);
    const first = mode === "nearest" ? nearestCell(coordinate, nearestMode) : Math.floor(coordinate);
    plan.low[i] = inside(first);
    plan.high[i] = mode === "nearest" ? inside(first) : inside(first + 1);
    plan.share[i] = mode === "nearest" ? 0 : coordinate - first;
  }
  return plan;
}

/** The plan as a dense matrix [to, from], row by row: what resampling along one axis multiplies with. */
export function resizeMatrix(plan: ResizePlan, from: number): Float64Array {
  const matrix = new Float64Array(plan.low.length * from);
  plan.low.forEach((low, i) => {
    const share = plan.share[i] as number;
    (matrix[i * from + low] as number) += 1 - share;
    (matrix[i * from + (plan.high[i] as number)] as number) += share;
  });
  return matrix;
}
