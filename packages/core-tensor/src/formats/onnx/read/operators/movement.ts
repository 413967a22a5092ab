import {
  broadcastTo,
  concat,
  divideDims,
  expandDims,
  greaterEqual,
  lessEqual,
  mulDims,
  reshape,
  reverse,
  slice,
  split,
  squeeze,
  sub,
  tile,
  transpose,
  where,
  zerosLike,
} from "../../../../ops/index.ts";
import { plainDim, plainShape } from "../../../../ops/traced.ts";
import type { Dim } from "../../../../tensor/dims.ts";
import { broadcastShapes, normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** 0 takes the dimension of the input, unless `allowzero` says that it is one. */
const reshapeReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const keepsZero = context.attributes.flag("allowzero", false);
  const shape = context.dims(1, "the shape").map((dim, axis) => {
    if (dim !== 0 || keepsZero) return context.live(dim);
    return x.shape[axis] ?? invalid(`the shape has a 0 at ${axis}, but its input has ${x.rank} axes`);
  });
  // Without elements nothing can be divided: a -1 beside zeros is whatever is left of zero.
  return reshape(x, shape);
};

const flattenReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const given = context.attributes.int("axis", 1);
  const axis = given === x.rank ? given : normalizeAxis("Flatten", given, Math.max(x.rank, 1));
  return reshape(x, [mulDims(...x.shape.slice(0, axis)), mulDims(...x.shape.slice(axis))]);
};

const transposeReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  return transpose(
    x,
    context.attributes.ints(
      "perm",
      x.shape.map((_, axis) => x.rank - 1 - axis),
    ),
  );
};

/** Axes are an attribute before opset 13, an input from then on. */
function axesOf(context: NodeContext): readonly number[] | undefined {
  if (context.opset >= 13) return context.has(1) ? context.ints(1, "axes") : undefined;
  return context.attributes.has("axes") ? context.attributes.ints("axes") : undefined;
}

const concatReader: OperatorReader = (context) => concat(context.tensors(), context.attributes.int("axis"));

/** Lengths are an attribute before opset 13, an input from then on; `num_outputs` (18) leaves the rest to the last part. */
const splitReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const axis = normalizeAxis("Split", context.attributes.int("axis", 0), x.rank);
  const length = plainDim(x.shape[axis]);
  const count = context.attributes.int("num_outputs", context.node.output.length);
  if (count < 1 || count > context.node.output.length) return invalid(`num_outputs is ${count}`);
  if (context.opset >= 13 && context.has(1)) return split(x, context.liveShape(context.dims(1, "the lengths")), axis);
  if (context.opset < 13 && context.attributes.has("split")) return split(x, context.attributes.ints("split"), axis);
  if (typeof length !== "number") return split(x, count, axis);
  const part = Math.ceil(length / count);
  const lengths = Array.from({ length: count }, (_, i) => Math.max(Math.min(part, length - i * part), 0));
  return split(x, lengths, axis);
};

/** Attributes before opset 10, inputs from then on. Negative steps walk backwards, as in NumPy. */
const sliceReader: OperatorReader = (context) => {
  const fromInputs = context.opset >= 10;
  const list = (index: number, name: string): readonly Dim[] | undefined => {
    if (fromInputs) return context.has(index) ? context.dims(index, name) : undefined;
    return context.attributes.has(name) ? context.attributes.ints(name) : undefined;
  };
  const x = context.tensor(0);
  const starts = list(1, "starts") ?? invalid("expected starts");
  const ends = list(2, "ends") ?? invalid("expected ends");
  const axes = list(3, "axes") ?? starts.map((_, i) => i);
  const steps = list(4, "steps") ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    return invalid("expected as many starts as ends, axes and steps");
  }
  return axes.reduce<Tensor>((value, given, i) => {
    const axis = normalizeAxis("Slice", numeric(given, "axes"), x.rank);
    return sliceAxis(context, value, axis, starts[i] as Dim, ends[i] as Dim, numeric(steps[i] as Dim, "steps"));
  }, x);
};

function numeric(dim: Dim, what: string): number {
  return typeof dim === "number" ? dim : unsupported(`${what}: the dimension "${dim}"`);
}

function sliceAxis(context: NodeContext, x: Tensor, axis: number, start: Dim, end: Dim, step: number): Tensor {
  const length = plainDim(x.shape[axis]);
  const along = <T>(value: T): (T | null)[] => x.shape.map((_, other) => (other === axis ? value : null));
  if (step === 0) return invalid("a step of 0");
  if (step > 0) {
    // A bound beyond any length means the end of the axis, whatever its length is.
    const stop = typeof end === "number" && end >= 2 ** 31 - 1 ? length : end;
    const begin = typeof start === "number" && start <= -(2 ** 31 - 1) ? 0 : start;
    return slice(x, along(context.live(begin)), along(context.live(stop)), along(step));
  }
  if (
    typeof start === "number" &&
    typeof end === "number" &&
    (start >= 2 ** 31 - 1 || start === -1) &&
    end <= -(2 ** 31 - 1)
  ) {
    const backwards = reverse(x, [axis]);
    return step === -1 ? backwards : slice(backwards, [], [], along(-step));
  }
  if (typeof length !== "number" || typeof start !== "number" || typeof end !== "number") {
    return unsupported("a negative step over an axis of unknown length");
  }
  // NumPy's rule: positions clamped to [-1, length - 1], then walked down.
  const clamp = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + length : bound, -1), length - 1);
  const [first, last] = [clamp(start), clamp(end)];
  const backwards = reverse(x, [axis]);
  return slice(
    backwards,
    along(length - 1 - first),
    along(Math.max(length - 1 - last, length - 1 - first)),
    along(-step),
  );
}

const expandReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const wanted = context.dims(1, "the shape");
  return broadcastTo(x, context.liveShape(broadcastShapes("Expand", plainShape(x.shape), wanted)));
};

const tileReader: OperatorReader = (context) => tile(context.tensor(0), context.liveShape(context.dims(1, "repeats")));

/** [N, C, H, W] with blocks of channels laid out as blocks of pixels. */
const depthToSpace: OperatorReader = (context) => {
  const x = context.tensor(0);
  const block = context.attributes.int("blocksize");
  const mode = context.attributes.text("mode", "DCR");
  const [n, c, h, w] = image(x);
  if (block < 1) return invalid(`blocksize is ${block}`);
  const depth = divideDims(c, block * block);
  const columnFirst = mode === "CRD";
  if (!columnFirst && mode !== "DCR") return unsupported(`mode="${mode}"`);
  const apart = reshape(x, columnFirst ? [n, depth, block, block, h, w] : [n, block, block, depth, h, w]);
  const laid = transpose(apart, columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return reshape(laid, [n, depth, mulDims(h, block), mulDims(w, block)]);
};

const spaceToDepth: OperatorReader = (context) => {
  const x = context.tensor(0);
  const block = context.attributes.int("blocksize");
  const [n, c, h, w] = image(x);
  if (block < 1) return invalid(`blocksize is ${block}`);
  const [rows, columns] = [divideDims(h, block), divideDims(w, block)];
  const apart = reshape(x, [n, c, rows, block, columns, block]);
  return reshape(transpose(apart, [0, 3, 5, 1, 2, 4]), [n, mulDims(c, block * block), rows, columns]);
};

function image(x: Tensor): readonly [number, number, number, number] {
  return x.rank === 4
    ? (x.shape as readonly number[] as [number, number, number, number])
    : invalid(`expected [N, C, H, W], got ${x.rank} axes`);
}

const trilu: OperatorReader = (context) => {
  const x = context.tensor(0);
  const diagonal = context.has(1) ? (context.ints(1, "k")[0] ?? 0) : 0;
  const [rows, columns] = [x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1];
  const place = sub(context.iota(columns, "int32"), reshape(context.iota(rows, "int32"), [rows, 1]));
  const kept = context.attributes.flag("upper", true) ? greaterEqual(place, diagonal) : lessEqual(place, diagonal);
  return where(kept, x, zerosLike(x));
};

/** Operators that only move elements. */
export const movement: OperatorTable = {
  Reshape: reshapeReader,
  Flatten: flattenReader,
  Transpose: transposeReader,
  Squeeze: (context) => squeeze(context.tensor(0), axesOf(context)),
  Unsqueeze: (context) => expandDims(context.tensor(0), axesOf(context) ?? invalid("expected axes")),
  Concat: concatReader,
  Split: splitReader,
  Slice: sliceReader,
  Expand: expandReader,
  Tile: tileReader,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: trilu,
};
