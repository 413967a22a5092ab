import type { Tensor } from "../../tensor/tensor.ts";
import { equal, mul, where } from "../elementwise/index.ts";
import { iota, onesLike, pad, reshape, slice } from "../movement/index.ts";
import { prod } from "../reduce/index.ts";
import { isSymbolicDim } from "../traced.ts";

/** x moved along an axis by some places (to the end when positive); ones come in where it left. */
function shift(x: Tensor, axis: number, by: number): Tensor {
  const length = x.shape[axis] as number;
  const places = Math.abs(by);
  const padding = x.shape.map((_, i): [number, number] => (i !== axis ? [0, 0] : by > 0 ? [places, 0] : [0, places]));
  const start = by > 0 ? 0 : places;
  const bound = (value: number): (number | null)[] => x.shape.map((_, i) => (i === axis ? value : null));
  return slice(pad(x, padding, { value: 1 }), bound(start), bound(start + length));
}

/** Products of the elements before (direction 1) or behind (-1) each element, in a logarithmic number of steps. */
function productOnOneSide(x: Tensor, axis: number, length: number, direction: 1 | -1): Tensor {
  let product = shift(x, axis, direction);
  for (let width = 1; width < length - 1; width *= 2) product = mul(product, shift(product, axis, direction * width));
  return product;
}

/** As `productOnOneSide` for both sides at once, over all pairs: for a length that is not known yet. */
function productOverPairs(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis] as number;
  const inner = x.shape.slice(axis + 1);
  const ones = inner.map(() => 1);
  const own = equal(reshape(iota(length), [length, 1, ...ones]), reshape(iota(length), [1, length, ...ones]));
  const rows = reshape(x, [...x.shape.slice(0, axis), 1, length, ...inner]);
  return prod(where(own, 1, rows), axis + 1);
}

function othersAlong(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis] as number;
  if (isSymbolicDim(length)) return productOverPairs(x, axis);
  if (length <= 1) return onesLike(x);
  return mul(productOnOneSide(x, axis, length, 1), productOnOneSide(x, axis, length, -1));
}

/**
 * For every element of x the product of all other elements along `axes`: the derivative of `prod`. It is built from
 * products alone, so zeros among the elements do no harm, to any order of derivative.
 */
export function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  let result = onesLike(x);
  let partial = x;
  for (const axis of axes) {
    result = mul(result, othersAlong(partial, axis));
    partial = prod(partial, axis, { keepDims: true });
  }
  return result;
}
