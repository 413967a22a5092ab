import { ArgumentError } from "../tensor/errors.ts";
import { type Key, bernoulli } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Draws which elements a `dropout` keeps: bool, true with probability `1 - rate`.
 *
 * Draws happen at once and on the host. Drawn inside a traced function, a mask would be a constant of the program,
 * the same at every step: draw it outside and hand it in as an argument.
 *
 * @param rate probability that an element is dropped, in [0, 1).
 * @example
 * const step = jit((params, x, mask) => loss(dropout(dense(params, x), mask, 0.5)));
 * await step(params, x, dropoutMask(random.foldIn(key, t), [batch, width], 0.5));
 */
export function dropoutMask(key: Key, shape: readonly number[], rate: number): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new ArgumentError({
      op: "dropoutMask",
      argument: "rate",
      expected: "a number in [0, 1)",
      found: String(rate),
    });
  }
  return bernoulli(key, shape, { probability: 1 - rate });
}
