import type { MaxPoolAttributes, OpAttributes, Pair } from "../../../ops/vocabulary.ts";
import { dtypes, isFloat } from "../../../tensor/dtype.ts";
import { indexTensor } from "../carriers.ts";
import type { TfTensor } from "../engine.ts";
import { type TfContext, type TfLoweringTable, inputType, outputType, unary } from "../lowering.ts";
import { type Windows, patchKernels, windowLines } from "../patches.ts";

/** Calls `visit` with each window's row and column, and each kernel position's. */
function forEachCell(
  { kernel, count }: Windows,
  visit: (row: number, column: number, y: number, x: number) => void,
): void {
  for (let row = 0; row < count[0]; row++) {
    for (let column = 0; column < count[1]; column++) {
      for (let y = 0; y < kernel[0]; y++) for (let x = 0; x < kernel[1]; x++) visit(row, column, y, x);
    }
  }
}

/** For every window and kernel position in row-major order: the position in the plane of the image, or -1 outside. */
function planePositions(windows: Windows, [height, width]: Pair): number[] {
  const { strides, dilations, pads } = windows;
  const positions: number[] = [];
  forEachCell(windows, (row, column, y, x) => {
    const atY = row * strides[0] - pads[0] + y * dilations[0];
    const atX = column * strides[1] - pads[1] + x * dilations[1];
    positions.push(atY >= 0 && atY < height && atX >= 0 && atX < width ? atY * width + atX : -1);
  });
  return positions;
}

/** The largest cell of each window, NaN if one is NaN, and where it is: the first of equals, never in the padding. */
function maxPool(c: TfContext, x: TfTensor, attributes: MaxPoolAttributes): (TfTensor | null)[] {
  const { tf } = c;
  const { dtype } = inputType(c);
  const shape = [...outputType(c).shape] as [number, number, number, number];
  const [, , rows, columns] = shape;
  const windows: Windows = { ...attributes, count: [rows, columns] };
  // int64 is carried as int32.
  const padValue = isFloat(dtype) ? -Infinity : Math.max(dtypes[dtype].min, dtypes.int32.min);
  const lines = windowLines(tf, x, windows, padValue);
  const largest = tf.max(lines, [2], true);
  const values = tf.reshape(largest, shape);
  if (c.used[1] === false) return [values, null];
  const size = attributes.kernel[0] * attributes.kernel[1];
  const equal = tf.equal(lines, largest);
  const candidates = isFloat(dtype) ? tf.logicalOr(equal, tf.isNaN(lines)) : equal;
  const positions = planePositions(windows, x.shape.slice(2) as [number, number]);
  const inside = tf.tensor(
    Float32Array.from(positions, (position) => (position < 0 ? 0 : 1)),
    [1, rows * columns, size],
    "float32",
  );
  const chosen = tf.argMax(tf.mul(tf.cast(candidates, "float32"), inside), 2);
  const starts = indexTensor(
    tf,
    [1, rows * columns],
    Array.from({ length: rows * columns }, (_, i) => i * size),
  );
  const indices = tf.gather(indexTensor(tf, [positions.length], positions), tf.add(chosen, starts), 0);
  return [values, tf.reshape(indices, shape)];
}

/** Pooling over windows of the last two axes. */
export const poolLowerings: TfLoweringTable<Pick<OpAttributes, "maxPool2d" | "avgPool2d">> = {
  maxPool2d: {
    kernels: [...patchKernels, "Max", "Transpose", "Equal", "IsNan", "LogicalOr", "Multiply", "ArgMax", "Add"],
    lower: (c, [x], attributes) => maxPool(c, x as TfTensor, attributes),
  },
  avgPool2d: unary([...patchKernels, "Sum", "RealDiv"], (c, x, attributes) => {
    const { tf } = c;
    const [, , rows, columns] = outputType(c).shape as [number, number, number, number];
    const windows: Windows = { ...attributes, dilations: [1, 1], count: [rows, columns] };
    const size = attributes.kernel[0] * attributes.kernel[1];
    const counts = new Float32Array(rows * columns);
    planePositions(windows, x.shape.slice(2) as [number, number]).forEach((position, i) => {
      const at = Math.floor(i / size);
      counts[at] = (counts[at] as number) + (attributes.countIncludePad || position >= 0 ? 1 : 0);
    });
    const sums = tf.sum(windowLines(tf, x, windows, 0), [2], false);
    return tf.reshape(tf.div(sums, tf.tensor(counts, [1, rows * columns], "float32")), [...outputType(c).shape]);
  }),
};
