import { add, cast, clip, div, maximum, mul, sqrt, sum } from "../ops/index.ts";
import { tensor } from "../tensor/create.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { treeLeaves } from "../tensor/tree.ts";
import { checkPositive } from "./check.ts";
import { mapLeaves, wideDType, widen } from "./leaves.ts";
import { type Transform, stateless } from "./transform.ts";

/**
 * Euclidean norm over all elements of a tree of floats: a scalar, float64 if one of the leaves is, float32
 * otherwise; 0 for an empty tree.
 */
export function globalNorm(tree: unknown): Tensor {
  const leaves = treeLeaves(tree);
  const dtype: DType = leaves.some((leaf) => leaf.dtype === "float64") ? "float64" : "float32";
  const squares = leaves.map((leaf) => {
    const value = cast(leaf, dtype);
    return sum(mul(value, value));
  });
  return sqrt(squares.reduce((total, square) => add(total, square), tensor(0, { dtype })));
}

/**
 * Shrinks all updates by one factor so that their global norm is at most `maximumNorm` (Pascanu, Mikolov and
 * Bengio 2013, algorithm 1). A norm that is not finite makes all updates NaN, which is seen, instead of hiding it.
 */
export function clipByGlobalNorm(maximumNorm: number): Transform<readonly []> {
  const op = "clipByGlobalNorm";
  checkPositive(op, "maximumNorm", maximumNorm);
  return {
    init: () => [],
    update(updates, state) {
      const norm = globalNorm(updates);
      const factor = div(maximumNorm, maximum(norm, maximumNorm));
      const shrink = (update: Tensor): Tensor =>
        cast(mul(widen(update), cast(factor, wideDType(update.dtype))), update.dtype);
      return [mapLeaves(op, shrink, updates), state];
    },
  };
}

/** Clips every element to [-limit, limit]. */
export function clipByValue(limit: number): Transform<readonly []> {
  checkPositive("clipByValue", "limit", limit);
  return stateless((update) => clip(update, -limit, limit), "clipByValue");
}
