import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { MaxPoolAttributes } from "../vocabulary.ts";
import { checkGeometry, checkWindowsTouch, imageDims, windowOutput } from "./window.ts";
import { type PadsOption, type PairOption, explicitPads, pair } from "./windowOptions.ts";

/** The largest cell under a moving window, and where it lies. */
export const maxPool2dPrimitive: Primitive<MaxPoolAttributes> = {
  name: "maxPool2d",
  infer(inputs, geometry) {
    const x = expectInput("maxPool2d", inputs);
    expectDType("maxPool2d", "x", x.dtype, "number");
    const [batch, channels, ...size] = imageDims("maxPool2d", "x", x);
    checkGeometry("maxPool2d", geometry);
    const output = windowOutput("maxPool2d", size, geometry);
    checkWindowsTouch("maxPool2d", size, output, geometry);
    const shape = [batch, channels, ...output];
    return [
      { dtype: x.dtype, shape },
      { dtype: "int32", shape },
    ];
  },
  kernel([input], { kernel, strides, pads, dilations }, [type]) {
    const x = input as HostTensor;
    const { dtype, shape } = type as ConcreteType;
    const [batch, channels, rows, columns] = shape as [number, number, number, number];
    const [height, width] = x.shape.slice(2) as [number, number];
    const image = readLanes(x);
    const values = newLanes(dtype, sizeOf(shape));
    const positions = new Int32Array(values.length);
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      const start = plane * height * width;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, to++) {
          let best = Number.NEGATIVE_INFINITY;
          let place = -1;
          for (let i = 0, y = row * strides[0] - pads[0]; i < kernel[0]; i++, y += dilations[0]) {
            if (y < 0 || y >= height) continue;
            for (let j = 0, at = column * strides[1] - pads[1]; j < kernel[1]; j++, at += dilations[1]) {
              if (at < 0 || at >= width) continue;
              const value = image[start + y * width + at] as number;
              // The first NaN wins over everything.
              if (place < 0 || value > best || (value !== value && best === best)) {
                best = value;
                place = y * width + at;
              }
            }
          }
          values[to] = best;
          positions[to] = place;
        }
      }
    }
    return [fromLanes(dtype, shape, values), fromLanes("int32", shape, positions)];
  },
};

export interface MaxPool2dOptions {
  /** Height and width of the window. */
  readonly kernel: PairOption;
  /** Cells between neighbouring windows. Default: the kernel. */
  readonly strides?: PairOption;
  /** Default 0. */
  readonly pads?: PadsOption;
  /** Cells between neighbouring cells of the window. Default 1. */
  readonly dilations?: PairOption;
}

/**
 * The largest cell under a window that moves over images; cells of the padding do not count. NaN wins over
 * every number.
 *
 * @param x `[batch, channels, height, width]`; only the batch may be symbolic.
 * @returns `[batch, channels, floor((height + pads - d (kernel - 1) - 1) / stride) + 1, …]`
 * @throws ShapeError for a window that is larger than the padded image; ArgumentError when the pads are so wide
 *   that a window would lie in the padding alone.
 */
export function maxPool2d(x: Operand, options: MaxPool2dOptions): Tensor {
  return maxPool2dWithIndices(x, options).values;
}

/**
 * As `maxPool2d`, with the place of each result: its int32 position in the flattened plane of the image
 * (row times width plus column), the first one where several cells are equal.
 */
export function maxPool2dWithIndices(x: Operand, options: MaxPool2dOptions): { values: Tensor; indices: Tensor } {
  const image = operand(x);
  const kernel = pair(options.kernel);
  const strides = pair(options.strides ?? kernel);
  const dilations = pair(options.dilations ?? 1);
  const pads = explicitPads("maxPool2d", options.pads ?? 0, image.shape.slice(2), kernel, strides, dilations);
  const [values, indices] = apply(maxPool2dPrimitive, [image], { kernel, strides, pads, dilations }) as [
    Tensor,
    Tensor,
  ];
  return { values, indices };
}
