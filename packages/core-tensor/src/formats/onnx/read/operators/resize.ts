import { cast, gather, matmul, resize2d, swapAxes, transpose } from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import type { CoordinateMode, NearestMode } from "../../../../ops/vocabulary.ts";
import { isFloat } from "../../../../tensor/dtype.ts";
import { fromLanes } from "../../../../tensor/lanes.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";
import { type Sampling, resizeWeights } from "./resizeWeights.ts";

/** How one axis is resampled. */
interface AxisPlan {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  /** Output cells per input cell; the coordinates are computed with it. */
  readonly scale: number;
}

/** A table of this many weights is the most that a node may ask for. */
const tableLimit = 1 << 22;

function plansOf(context: NodeContext, x: Tensor, scalesAt: number, sizesAt: number): AxisPlan[] {
  const { attributes } = context;
  const axes = attributes
    .ints(
      "axes",
      x.shape.map((_, axis) => axis),
    )
    .map((axis) => normalizeAxis(context.node.opType, axis, x.rank));
  const given = (index: number): boolean => index >= 0 && context.has(index) && context.shape(index)[0] !== 0;
  const sizes = given(sizesAt) ? context.dims(sizesAt, "sizes") : undefined;
  const scales = sizes === undefined ? scalesOf(context, scalesAt) : undefined;
  const count = (sizes ?? scales ?? invalid("expected scales or sizes")).length;
  if (count !== axes.length) return invalid(`expected ${axes.length} scales or sizes, got ${count}`);
  const plans = axes.flatMap((axis, i): AxisPlan[] => {
    const from = plainDim(x.shape[axis]);
    const size = sizes?.[i];
    if (size === from || scales?.[i] === 1) return [];
    if (typeof from !== "number")
      return unsupported(`over the unknown length "${from}"; give the input's shape, or a number for it among dims`);
    if (size !== undefined && typeof size !== "number") return unsupported(`to the unknown length "${size}"`);
    const to = size ?? Math.floor(from * (scales?.[i] as number));
    return [{ axis, from, to, scale: scales?.[i] ?? to / from }];
  });
  return sizes === undefined ? plans : keepAspect(context, plans);
}

function scalesOf(context: NodeContext, index: number): readonly number[] {
  return index < 0 ? context.attributes.floats("scales") : context.numbers(index, "scales");
}

/** `keep_aspect_ratio_policy` (18): one scale for all axes, the smallest or largest that the sizes ask for. */
function keepAspect(context: NodeContext, plans: readonly AxisPlan[]): AxisPlan[] {
  const policy = context.attributes.text("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch" || plans.length === 0) return [...plans];
  const ratios = plans.map(({ from, to }) => to / from);
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  if (policy !== "not_larger" && policy !== "not_smaller") return invalid(`keep_aspect_ratio_policy="${policy}"`);
  return plans.map((plan) => ({ ...plan, to: Math.round(scale * plan.from), scale }));
}

/** Upsample and Resize 10 place cells at multiples of the scale; Resize 11 and later say how. */
function samplingOf(context: NodeContext): Sampling {
  const { attributes } = context;
  const mode = attributes.text("mode", "nearest");
  if (mode !== "nearest" && mode !== "linear" && mode !== "cubic") return unsupported(`mode="${mode}"`);
  const old = context.node.opType === "Upsample" || context.opset < 11;
  return {
    mode,
    coordinates: old ? "asymmetric" : attributes.text("coordinate_transformation_mode", "half_pixel"),
    nearest: old ? "simple" : attributes.text("nearest_mode", "round_prefer_floor"),
    cubic: attributes.float("cubic_coeff_a", -0.75),
    excludeOutside: attributes.flag("exclude_outside", false),
    antialias: attributes.flag("antialias", false),
  };
}

const ownCoordinates: readonly string[] = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
];
const ownNearest: readonly string[] = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

/** What the op `resize2d` does: images, their last two axes, a scale that is the quotient of the lengths. */
function asImageResize(x: Tensor, plans: readonly AxisPlan[], sampling: Sampling): Tensor | undefined {
  if (plans.some(({ scale }) => !(scale > 0 && Number.isFinite(scale)))) return invalid("expected scales above 0");
  const whole = plans.every(({ axis, from, to, scale }) => axis >= 2 && Math.fround(scale) === Math.fround(to / from));
  const known = ownCoordinates.includes(sampling.coordinates) && ownNearest.includes(sampling.nearest);
  const fits = sampling.mode === "nearest" || (sampling.mode === "linear" && isFloat(x.dtype));
  if (x.rank !== 4 || !whole || !known || !fits || sampling.antialias) return undefined;
  const lengths = x.shape.slice(2).map(plainDim);
  const size = [2, 3].map((axis) => plans.find((plan) => plan.axis === axis)?.to ?? lengths[axis - 2]);
  if (!size.every((length) => typeof length === "number" && length > 0)) return undefined;
  return resize2d(x, size as [number, number], {
    mode: sampling.mode as "nearest" | "linear",
    coordinateMode: sampling.coordinates as CoordinateMode,
    nearestMode: sampling.nearest as NearestMode,
  });
}

/** One axis after the other: cells picked by a table, or a product with a matrix of weights. */
function resizeAxis(x: Tensor, { axis, from, to, scale }: AxisPlan, sampling: Sampling): Tensor {
  if (from < 1 || to < 1 || from * to > tableLimit) return unsupported(`from ${from} to ${to} cells`);
  const weights = resizeWeights(from, to, scale, sampling);
  if (sampling.mode === "nearest") {
    const places = Int32Array.from({ length: to }, (_, i) => weights.subarray(i * from, (i + 1) * from).indexOf(1));
    return gather(x, fromLanes("int32", [to], places), axis);
  }
  const wide = isFloat(x.dtype) ? x.dtype : "float32";
  const table = transpose(fromLanes(wide, [to, from], weights));
  const last = x.rank - 1;
  const laid = axis === last ? x : swapAxes(x, axis, last);
  const product = cast(matmul(cast(laid, wide), table), x.dtype);
  return axis === last ? product : swapAxes(product, axis, last);
}

const resizeWith =
  (scalesAt: (context: NodeContext) => number, sizesAt: (context: NodeContext) => number): OperatorReader =>
  (context) => {
    const x = context.tensor(0);
    const sampling = samplingOf(context);
    if (sampling.coordinates === "tf_crop_and_resize")
      return unsupported('coordinate_transformation_mode="tf_crop_and_resize"');
    const plans = plansOf(context, x, scalesAt(context), sizesAt(context));
    return (
      asImageResize(x, plans, sampling) ?? plans.reduce<Tensor>((value, plan) => resizeAxis(value, plan, sampling), x)
    );
  };

/** Resampling. Scales are an attribute of Upsample 7, an input of Upsample 9 and Resize 10, an optional one later. */
export const resizing: OperatorTable = {
  Upsample: resizeWith(
    ({ opset }) => (opset >= 9 ? 1 : -1),
    () => -1,
  ),
  Resize: resizeWith(
    ({ opset }) => (opset >= 11 ? 2 : 1),
    ({ opset }) => (opset >= 11 ? 3 : -1),
  ),
};
