import type { LinalgOps } from "../../ops/linalg/index.ts";
import type { Pads2d, Pair } from "../../ops/vocabulary.ts";
import { isFloat } from "../../tensor/dtype.ts";
import { type Bounds, type Fact, exact, isExact, magnitude, rough, union } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { Inapplicable, type ProgramWriter, isOf } from "./writer.ts";

/** Bounds of sums of `n` products; whole numbers must not wrap, since sums of their products are taken in doubles. */
function products(a: Fact, b: Fact, n: number): Bounds {
  const size = n * magnitude(a) * magnitude(b);
  if (!isFloat(a.dtype)) return exact(-size, size, 1);
  if (isExact(a) && isExact(b)) return exact(-size, size, a.grid * b.grid);
  const carried = n * (magnitude(a) * b.error + magnitude(b) * a.error + a.error * b.error);
  return rough(a.dtype, -size, size, carried, 8, size);
}

/** A value as images [batch, channels, height, width]: one of four axes, or one that is given more. */
function images(writer: ProgramWriter, fits: (fact: Fact) => boolean): Fact {
  const x = writer.value(
    (fact) => fits(fact) && fact.shape.length > 0 && fact.shape.length <= 4 && !fact.shape.includes(0),
  );
  if (x.shape.length === 4) {
    if (x.shape.slice(1).some((dim) => typeof dim === "string")) throw new Inapplicable();
    return x;
  }
  // A symbolic dimension may only be the batch.
  const [first, ...rest] = x.shape;
  if (rest.some((dim) => typeof dim === "string")) throw new Inapplicable();
  const shape =
    typeof first === "string"
      ? [first, 1, ...(rest.length < 2 ? [1, ...rest] : rest)]
      : [1, 1, 1, ...x.shape].slice(-4);
  if (shape.length !== 4) shape.splice(1, shape.length - 4);
  while (shape.length < 4) shape.splice(1, 0, 1);
  return writer.emit("reshape", [x], { shape }, x);
}

const side = (image: Fact, axis: number): number => image.shape[axis] as number;

interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads2d;
  readonly dilations: Pair;
}

/** A window that fits: kernels of 1 to 3 cells that are at most as large as the image. */
function windowOver(writer: ProgramWriter, image: Fact): Window {
  const along = (axis: number): number => 1 + writer.choose(Math.min(3, side(image, axis)));
  const kernel: Pair = [along(2), along(3)];
  const pad = (cells: number): number => writer.choose(cells);
  return {
    kernel,
    strides: [1 + writer.choose(2), 1 + writer.choose(2)],
    pads: [pad(kernel[0]), pad(kernel[1]), pad(kernel[0]), pad(kernel[1])],
    dilations: [1, 1],
  };
}

/** Weights of multiples of 1/2 between -1 and 1. */
function weights(writer: ProgramWriter, shape: readonly number[]): Fact {
  const whole = writer.wholes(writer.float, shape, -2, 2);
  return writer.emit("mul", [whole, writer.scalar(writer.float, 0.5)], {}, exact(-1, 1, 0.5));
}

/** Steps with matrices and images. */
export const linalgTemplates: TemplateTable<keyof LinalgOps> = {
  matmul: (writer) => {
    const a = writer.value((fact) => fact.shape.length >= 2 && isOf(writer.float, "int32", "int64")(fact));
    const inner = a.shape.at(-1);
    const fits = (fact: Fact): boolean =>
      fact.dtype === a.dtype && fact.shape.length >= 2 && fact.shape.at(-2) === inner;
    const found = writer.flip() && writer.facts.some(fits) ? writer.value(fits) : undefined;
    if (found === undefined && typeof inner !== "number") throw new Inapplicable();
    const shape = [inner as number, 1 + writer.choose(4)];
    const b = found ?? (isFloat(a.dtype) ? weights(writer, shape) : writer.wholes(a.dtype, shape, -2, 2));
    writer.emit("matmul", [a, b], {}, products(a, b, writer.lengthOf(inner)));
  },
  conv2d: (writer) => {
    const x = images(writer, isOf(writer.float));
    const { kernel, ...window } = windowOver(writer, x);
    const channels = side(x, 1);
    const groups = writer.flip() ? channels : 1;
    const weight = weights(writer, [groups * (1 + writer.choose(2)), channels / groups, ...kernel]);
    writer.emit(
      "conv2d",
      [x, weight],
      { ...window, groups },
      products(x, weight, (channels / groups) * kernel[0] * kernel[1]),
    );
  },
  convTranspose2d: (writer) => {
    const x = images(writer, isOf(writer.float));
    const channels = side(x, 1);
    const groups = writer.flip() ? channels : 1;
    const kernel: Pair = [1 + writer.choose(3), 1 + writer.choose(3)];
    const strides: Pair = [1 + writer.choose(2), 1 + writer.choose(2)];
    const outputPadding: Pair = [writer.choose(strides[0]), writer.choose(strides[1])];
    const weight = weights(writer, [channels, 1 + writer.choose(2), ...kernel]);
    const attributes = { strides, pads: [0, 0, 0, 0] as const, dilations: [1, 1] as const, groups, outputPadding };
    writer.emit(
      "convTranspose2d",
      [x, weight],
      attributes,
      products(x, weight, (channels / groups) * kernel[0] * kernel[1]),
    );
  },
  conv2dWeightGrad: (writer) => {
    const x = images(writer, isOf(writer.float));
    if (typeof x.shape[0] === "string") throw new Inapplicable();
    const { kernel, pads, dilations } = windowOver(writer, x);
    const output = ([2, 3] as const).map(
      (axis) => side(x, axis) + (pads[axis - 2] as number) + (pads[axis] as number) - (kernel[axis - 2] as number) + 1,
    );
    const dy = weights(writer, [side(x, 0), 1 + writer.choose(2), ...output]);
    const n = side(x, 0) * output.reduce((size, dim) => size * dim, 1);
    writer.emit(
      "conv2dWeightGrad",
      [x, dy],
      { kernel, pads, dilations, strides: [1, 1], groups: 1 },
      products(x, dy, n),
    );
  },
  maxPool2d: (writer) => {
    const x = images(writer, isOf(writer.float, "int32", "int8", "uint8", "int64"));
    const places = exact(0, side(x, 2) * side(x, 3), 1);
    writer.emitAll("maxPool2d", [x], pooling(writer, x), ...(isExact(x) ? [x, places] : [x]));
  },
  avgPool2d: (writer) => {
    const x = images(writer, isOf(writer.float));
    const { dilations: _, ...window } = pooling(writer, x);
    const whole = union(x, exact(0, 0, 1));
    const countIncludePad = writer.flip();
    writer.emit(
      "avgPool2d",
      [x],
      { ...window, countIncludePad },
      rough(x.dtype, whole.low, whole.high, x.error, 8, magnitude(x)),
    );
  },
  resize2d: (writer) => {
    const x = images(writer, isOf(writer.float));
    const size: Pair = [1 + writer.choose(5), 1 + writer.choose(5)];
    const coordinateMode = writer.oneOf(["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"] as const);
    const nearestMode = writer.oneOf(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const);
    if (writer.flip()) writer.emit("resize2d", [x], { mode: "nearest", size, coordinateMode, nearestMode }, x);
    else
      writer.emit(
        "resize2d",
        [x],
        { mode: "linear", size, coordinateMode, nearestMode },
        rough(x.dtype, x.low, x.high, x.error, 64, magnitude(x)),
      );
  },
};

/** As `windowOver`, with windows that all reach the image. */
function pooling(writer: ProgramWriter, x: Fact): Window {
  const window = windowOver(writer, x);
  const reaches = ([0, 1] as const).every((axis) => {
    const padded = side(x, axis + 2) + window.pads[axis] + window.pads[(axis + 2) as 2 | 3];
    const last =
      Math.floor((padded - window.kernel[axis]) / window.strides[axis]) * window.strides[axis] - window.pads[axis];
    return last < side(x, axis + 2);
  });
  return reaches ? window : { ...window, pads: [0, 0, 0, 0] };
}
