import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { div, where } from "../elementwise/index.ts";
import { type Operand, operand } from "../operand.ts";
import { zerosLike } from "../movement/index.ts";

/**
 * x where the mask keeps it, divided by the share `1 - rate` that is kept on average; 0 elsewhere (Srivastava et
 * al. 2014). The mask is an argument, so that the function is pure: draw it with `bernoulli(key, 1 - rate, …)`.
 *
 * @param mask bool, broadcasts to the shape of x; true keeps.
 * @param rate probability that an element is dropped, in [0, 1).
 */
export function dropout(x: Operand, mask: Operand, rate: number): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new ArgumentError({ op: "dropout", argument: "rate", expected: "a number in [0, 1)", found: String(rate) });
  }
  const value = operand(x);
  return where(mask, div(value, 1 - rate), zerosLike(value));
}
