import type { NodeOf, OpAttributes } from "@parsimony/core-tensor";
import type { ResizeAxis } from "../../network/layer.ts";
import type { Lowering } from "../lowering.ts";
import { imageGroups } from "../placed.ts";

type ResizeAttributes = OpAttributes["resize2d"];

/** Where an output position stands on the input's axis, ONNX Resize with sizes: one quotient of whole numbers. */
function coordinate(position: number, from: number, to: number, mode: ResizeAttributes["coordinateMode"]): number {
  if (mode === "align_corners") return to === 1 ? 0 : (position * (from - 1)) / (to - 1);
  if (mode === "asymmetric") return (position * from) / to;
  if (mode === "pytorch_half_pixel" && to === 1) return 0;
  return ((2 * position + 1) * from - to) / (2 * to);
}

const nearest: Readonly<Record<ResizeAttributes["nearestMode"], (at: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
};

/** How an axis of `from` positions is resampled to `to`. Positions beyond the edge repeat it. */
export function resizeAxis(
  from: number,
  to: number,
  { mode, coordinateMode, nearestMode }: Pick<ResizeAttributes, "mode" | "coordinateMode" | "nearestMode">,
): ResizeAxis {
  const inside = (position: number): number => Math.min(Math.max(position, 0), from - 1);
  const axis = { low: new Int32Array(to), high: new Int32Array(to), share: new Float32Array(to) };
  for (let i = 0; i < to; i++) {
    const at = coordinate(i, from, to, coordinateMode);
    const first = mode === "nearest" ? nearest[nearestMode](at) : Math.floor(at);
    axis.low[i] = inside(first);
    axis.high[i] = inside(mode === "nearest" ? first : first + 1);
    // Where both cells are the same the share says nothing, and 0 keeps the cell's own bits.
    axis.share[i] = axis.low[i] === axis.high[i] ? 0 : at - first;
  }
  return axis;
}

/** Positions of the input by position of the output. */
export function pickAxis(places: ArrayLike<number>): ResizeAxis {
  return { low: Int32Array.from(places), high: Int32Array.from(places), share: new Float32Array(places.length) };
}

export function everyPlace(length: number): ResizeAxis {
  return pickAxis(Array.from({ length }, (_, i) => i));
}

export function resize2d(node: NodeOf<"resize2d">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const { mode, size } = node.attributes;
  const [, , height, width] = at.shape(x) as [number, number, number, number];
  at.make(
    node.outputs[0] as string,
    {
      kind: "resize2d",
      mode,
      rows: resizeAxis(height, size[0], node.attributes),
      columns: resizeAxis(width, size[1], node.attributes),
    },
    [at.arrange(at.value(x), imageGroups)],
    imageGroups,
  );
}
