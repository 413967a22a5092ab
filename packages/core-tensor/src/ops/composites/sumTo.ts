import type { Tensor } from "../../tensor/tensor.ts";
import { reshape } from "../movement/index.ts";
import { sum } from "../reduce/index.ts";
import { plainShape } from "../traced.ts";

/**
 * Sums a tensor down to a shape that broadcasts to its own: the adjoint of broadcasting. Dimensions may be
 * symbolic. A tensor that has the shape already is returned as it is.
 */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const from = plainShape(x.shape);
  const to = plainShape(shape);
  const added = from.length - to.length;
  const leading = Array.from({ length: added }, (_, axis) => axis);
  const repeated = to.flatMap((dim, axis) => (dim === 1 && from[added + axis] !== 1 ? [added + axis] : []));
  if (repeated.length === 0) return added === 0 ? x : sum(x, leading);
  const kept = sum(x, [...leading, ...repeated], { keepDims: true });
  return added === 0 ? kept : reshape(kept, shape);
}
