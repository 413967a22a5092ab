import type { Tensor } from "../../tensor/tensor.ts";
import { maximum, minimum } from "../elementwise/index.ts";
import { type Operand, operand } from "../operand.ts";

/**
 * x moved into `[low, high]`, element by element. A bound that is not given does not act; where the bounds cross,
 * `high` wins. Numbers.
 *
 * @example clip([-2, 0.5, 3], 0, 1).toArray() // [0, 0.5, 1]
 */
export function clip(x: Operand, low?: Operand, high?: Operand): Tensor {
  const value = operand(x);
  const raised = low === undefined ? value : maximum(value, low);
  return high === undefined ? raised : minimum(raised, high);
}
