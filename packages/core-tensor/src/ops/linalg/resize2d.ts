import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { CoordinateMode, NearestMode, Pair, ResizeAttributes } from "../vocabulary.ts";
import { resizePlan } from "./resizePlan.ts";
import { imageDims } from "./window.ts";

/** Images resampled to another height and width. */
export const resize2dPrimitive: Primitive<ResizeAttributes> = {
  name: "resize2d",
  infer(inputs, { mode, size }) {
    const x = expectInput("resize2d", inputs);
    expectDType("resize2d", "x", x.dtype, mode === "nearest" ? "any" : "float");
    const [batch, channels, ...from] = imageDims("resize2d", "x", x);
    if (size.length !== 2 || size.some((length, axis) => !Number.isInteger(length) || length < 1 || from[axis] === 0)) {
      const found = `${formatShape(from)} to ${formatShape(size)}`;
      throw new ArgumentError({
        op: "resize2d",
        argument: "size",
        expected: "a height and a width >= 1 of an image with cells",
        found,
      });
    }
    return [{ dtype: x.dtype, shape: [batch, channels, ...size] }];
  },
  kernel([input], attributes, [type]) {
    const x = input as HostTensor;
    const { dtype, shape } = type as ConcreteType;
    const [batch, channels, rows, columns] = shape as [number, number, number, number];
    const [height, width] = x.shape.slice(2) as [number, number];
    const down = resizePlan(height, rows, attributes);
    const across = resizePlan(width, columns, attributes);
    const image = readLanes(x);
    const result = newLanes(dtype, sizeOf(shape));
    const nearest = attributes.mode === "nearest";
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      const start = plane * height * width;
      for (let row = 0; row < rows; row++) {
        const upper = start + (down.low[row] as number) * width;
        const lower = start + (down.high[row] as number) * width;
        const v = down.share[row] as number;
        for (let column = 0; column < columns; column++) {
          const left = across.low[column] as number;
          const right = across.high[column] as number;
          const u = across.share[column] as number;
          const corner = image[upper + left] as number;
          result[to++] = nearest
            ? corner
            : (1 - v) * ((1 - u) * corner + u * (image[upper + right] as number)) +
              v * ((1 - u) * (image[lower + left] as number) + u * (image[lower + right] as number));
        }
      }
    }
    return [fromLanes(dtype, shape, result)];
  },
};

export interface Resize2dOptions {
  /** Take one cell, or interpolate between four. Default linear. */
  readonly mode?: "nearest" | "linear";
  /** Default half_pixel. */
  readonly coordinateMode?: CoordinateMode;
  /** Which cell nearest takes. Default round_prefer_floor. */
  readonly nearestMode?: NearestMode;
}

/**
 * Images resampled to another height and width as the operator `Resize` of ONNX defines it for given sizes:
 * without antialiasing, edges repeated.
 *
 * @param x `[batch, channels, height, width]`; only the batch may be symbolic. Floats; nearest takes any dtype.
 * @param size height and width of the result.
 */
export function resize2d(x: Operand, size: Pair, options: Resize2dOptions = {}): Tensor {
  const { mode = "linear", coordinateMode = "half_pixel", nearestMode = "round_prefer_floor" } = options;
  return apply(resize2dPrimitive, [operand(x)], { mode, size, coordinateMode, nearestMode })[0] as Tensor;
}
