import type { Tensor } from "../../tensor/tensor.ts";
import { add } from "../elementwise/index.ts";
import { matmul } from "../linalg/index.ts";
import type { Operand } from "../operand.ts";

/**
 * A dense layer: `x weight + bias`.
 *
 * @param x `[..., in]`
 * @param weight `[in, out]`
 * @param bias `[out]`. Default: none.
 * @returns `[..., out]`
 */
export function linear(x: Operand, weight: Operand, bias?: Operand): Tensor {
  const y = matmul(x, weight);
  return bias === undefined ? y : add(y, bias);
}
