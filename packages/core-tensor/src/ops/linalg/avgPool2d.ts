import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInput } from "../checks.ts";
import { type Operand, operand } from "../operand.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { AvgPoolAttributes, Pair } from "../vocabulary.ts";
import { checkGeometry, checkWindowsTouch, imageDims, windowOutput } from "./window.ts";
import { type PadsOption, type PairOption, explicitPads, pair } from "./windowOptions.ts";

const noDilation: Pair = [1, 1];

/** The mean of the cells under a moving window. */
export const avgPool2dPrimitive: Primitive<AvgPoolAttributes> = {
  name: "avgPool2d",
  infer(inputs, { countIncludePad: _, ...window }) {
    const x = expectInput("avgPool2d", inputs);
    expectDType("avgPool2d", "x", x.dtype, "float");
    const [batch, channels, ...size] = imageDims("avgPool2d", "x", x);
    const geometry = { ...window, dilations: noDilation };
    checkGeometry("avgPool2d", geometry);
    const output = windowOutput("avgPool2d", size, geometry);
    checkWindowsTouch("avgPool2d", size, output, geometry);
    return [{ dtype: x.dtype, shape: [batch, channels, ...output] }];
  },
  kernel([input], { kernel, strides, pads, countIncludePad }, [type]) {
    const x = input as HostTensor;
    const { dtype, shape } = type as ConcreteType;
    const [batch, channels, rows, columns] = shape as [number, number, number, number];
    const [height, width] = x.shape.slice(2) as [number, number];
    const image = readLanes(x);
    const result = newLanes(dtype, sizeOf(shape));
    let to = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      const start = plane * height * width;
      for (let row = 0; row < rows; row++) {
        const top = Math.max(row * strides[0] - pads[0], 0);
        const bottom = Math.min(row * strides[0] - pads[0] + kernel[0], height);
        for (let column = 0; column < columns; column++) {
          const left = Math.max(column * strides[1] - pads[1], 0);
          const right = Math.min(column * strides[1] - pads[1] + kernel[1], width);
          let sum = 0;
          for (let y = top; y < bottom; y++) {
            for (let at = left; at < right; at++) sum += image[start + y * width + at] as number;
          }
          const cells = countIncludePad ? kernel[0] * kernel[1] : (bottom - top) * (right - left);
          result[to++] = sum / cells;
        }
      }
    }
    return [fromLanes(dtype, shape, result)];
  },
};

export interface AvgPool2dOptions {
  /** Height and width of the window. */
  readonly kernel: PairOption;
  /** Cells between neighbouring windows. Default: the kernel. */
  readonly strides?: PairOption;
  /** Default 0. */
  readonly pads?: PadsOption;
  /** Divide by the whole window (true) or by its cells inside the image (false, the default). */
  readonly countIncludePad?: boolean;
}

/**
 * The mean under a window that moves over images.
 *
 * @param x `[batch, channels, height, width]`; only the batch may be symbolic.
 * @returns `[batch, channels, floor((height + pads - kernel) / stride) + 1, …]`
 * @throws ShapeError for a window that is larger than the padded image; ArgumentError when the pads are so wide
 *   that a window would lie in the padding alone.
 */
export function avgPool2d(x: Operand, options: AvgPool2dOptions): Tensor {
  const image = operand(x);
  const kernel = pair(options.kernel);
  const strides = pair(options.strides ?? kernel);
  const pads = explicitPads("avgPool2d", options.pads ?? 0, image.shape.slice(2), kernel, strides, noDilation);
  const countIncludePad = options.countIncludePad ?? false;
  return apply(avgPool2dPrimitive, [image], { kernel, strides, pads, countIncludePad })[0] as Tensor;
}
