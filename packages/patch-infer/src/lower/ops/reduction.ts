import type { GraphNode, OpAttributes } from "@parsimony/core-tensor";
import { dimsOf } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { type AxisGroups, type Placed, placeInGroups, shapeOf } from "../placed.ts";
import { noClamp, onePixel, onesConvolution } from "./convolution.ts";
import { withNumber } from "./unary.ts";

type Fold = "mean" | "sum" | "max";
type Handler = (node: GraphNode, at: Lowering) => void;

/** Mean, sum or largest along axes. */
export function reduction(fn: Fold): Handler {
  return ({ inputs, outputs, attributes }, at) => {
    const { axes } = attributes as unknown as OpAttributes["mean"];
    const [output] = outputs as [string];
    const value = at.value(inputs[0] as string);
    const shape = shapeOf(value);
    const reduced = axes.filter((axis) => shape[axis] !== 1);
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const result = reduced.length === 0 ? value : reduce(at, fn, value, reduced, kept, output);
    // Reduced axes have length 1 or are gone: nothing that is left moves.
    const left = result.axes.filter((_, axis) => !axes.includes(axis));
    const { keepDims } = attributes as unknown as OpAttributes["mean"];
    at.set(output, keepDims ? result : { ...result, axes: left });
  };
}

function reduce(
  at: Lowering,
  fn: Fold,
  value: Placed,
  reduced: readonly number[],
  kept: readonly number[],
  output: string,
): Placed {
  const { groups } = at.natural(value);
  const touches = groups.map((axes) => axes.filter((axis) => reduced.includes(axis)).length > 0);
  const whole = groups.every(
    (axes, i) => !touches[i] || axes.every((axis) => reduced.includes(axis) || kept[axis] === 1),
  );
  const [rows, columns, channels] = touches;
  if (whole && channels === false) {
    return rows && columns
      ? spatial(at, fn, value, groups, kept, output)
      : alongOne(at, fn, value, groups, rows ? 0 : 1, kept, output);
  }
  if (whole && channels === true && !rows && !columns && fn !== "max") {
    return overChannels(at, fn, value, groups, kept, output);
  }
  // What is left becomes the channels of an image of which everything else is cells.
  const rest = shapeOf(value).flatMap((_, axis) => (reduced.includes(axis) ? [] : [axis]));
  return spatial(at, fn, value, [reduced, [], rest], kept, output);
}

function spatial(
  at: Lowering,
  fn: Fold,
  value: Placed,
  groups: AxisGroups,
  kept: readonly number[],
  output: string,
): Placed {
  const input = at.arrange(value, groups);
  const [, , channels] = dimsOf(at.draft.map(input));
  const map = at.draft.add({ kind: "globalPool", fn, clamp: noClamp }, [input], output, [1, 1, channels]);
  return placeInGroups(map, kept, groups);
}

/** Along height or width only: a window over the whole axis. */
function alongOne(
  at: Lowering,
  fn: Fold,
  value: Placed,
  groups: AxisGroups,
  axis: 0 | 1,
  kept: readonly number[],
  output: string,
): Placed {
  const input = at.arrange(value, groups);
  const [height, width, channels] = dimsOf(at.draft.map(input));
  const length = axis === 0 ? height : width;
  const kernel = axis === 0 ? ([height, 1] as const) : ([1, width] as const);
  const window = { ...onePixel, kernel, clamp: noClamp };
  const dims = axis === 0 ? ([1, width, channels] as const) : ([height, 1, channels] as const);
  const settings =
    fn === "max"
      ? ({ kind: "maxPool2d", ...window } as const)
      : ({ kind: "averagePool2d", ...window, countIncludePad: false } as const);
  const map = at.draft.add(settings, [input], fn === "sum" ? `${output}:mean` : output, dims);
  const pooled = placeInGroups(map, kept, groups);
  if (fn !== "sum") return pooled;
  withNumber("mul", length, pooled, at, output);
  return at.value(output);
}

/** Along channels: a convolution with ones. */
function overChannels(
  at: Lowering,
  fn: "mean" | "sum",
  value: Placed,
  groups: AxisGroups,
  kept: readonly number[],
  output: string,
): Placed {
  const input = at.arrange(value, groups);
  const map = at.draft.map(input);
  if (map.type === "int8") return refuse("adds codes along channels");
  const [height, width, channels] = dimsOf(map);
  const name = fn === "sum" ? output : `${output}:sum`;
  const sum = at.draft.add(onesConvolution(channels, 1), [input], name, [height, width, 1]);
  const summed = placeInGroups(sum, kept, groups);
  if (fn === "sum") return summed;
  const divisor = Float32Array.of(channels);
  at.cellwise(output, { kind: "binary", fn: "div", constant: divisor, clamp: noClamp }, summed);
  return at.value(output);
}

/** The smallest is the largest of the negated numbers, negated. */
export const minimumAlong: Handler = (node, at) => {
  const [input] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const [negated, largest] = [`${output}:negated`, `${output}:largest`];
  at.cellwise(negated, { kind: "unary", fn: "neg", clamp: noClamp }, at.value(input));
  reduction("max")({ ...node, inputs: [negated], outputs: [largest] }, at);
  at.cellwise(output, { kind: "unary", fn: "neg", clamp: noClamp }, at.value(largest));
};
