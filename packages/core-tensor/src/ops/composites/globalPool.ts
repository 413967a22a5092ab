import type { Tensor } from "../../tensor/tensor.ts";
import type { Operand } from "../operand.ts";
import { type ReduceOptions, max, mean } from "../reduce/index.ts";

/** Mean over height and width of images: `[batch, channels, height, width] -> [batch, channels]`. */
export function globalAvgPool2d(x: Operand, options: ReduceOptions = {}): Tensor {
  return mean(x, [-2, -1], options);
}

/** Largest cell over height and width of images: `[batch, channels, height, width] -> [batch, channels]`. */
export function globalMaxPool2d(x: Operand, options: ReduceOptions = {}): Tensor {
  return max(x, [-2, -1], options);
}
