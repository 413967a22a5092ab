import { dtypes } from "../../tensor/dtype.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { add, greaterEqual, mul, sub, where } from "../elementwise/index.ts";
import { matmul } from "../linalg/index.ts";
import { dimSize, iota, reshape } from "../movement/index.ts";
import { type Operand, operand, operands } from "../operand.ts";
import { softmax } from "../reduce/index.ts";
import { isSymbolicDim } from "../traced.ts";
import { swapAxes } from "./reshaping.ts";

export interface AttentionOptions {
  /**
   * Broadcasts to `[..., queries, keys]`. bool: false keeps a query from seeing a key; floats are added to the
   * scores.
   */
  readonly mask?: Operand;
  /** A query sees keys up to its own place only; the last query stands at the last key. Default false. */
  readonly causal?: boolean;
  /** Multiplies the scores. Default `1 / sqrt(width)`. */
  readonly scale?: number;
}

/** bool [queries, keys]: which keys are not behind a query. */
function causalMask(q: Tensor, k: Tensor): Tensor {
  const queries = q.shape.at(-2) as number;
  const keys = k.shape.at(-2) as number;
  const ahead = sub(dimSize(k, -2), dimSize(q, -2));
  const place = add(reshape(iota(queries), [queries, 1]), ahead);
  return greaterEqual(place, reshape(iota(keys), [1, keys]));
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1): `softmax(q k^T scale) v`. A query that may
 * see no key at all gets the mean of all values.
 *
 * @param q `[..., queries, width]`
 * @param k `[..., keys, width]`
 * @param v `[..., keys, out]`
 * @returns `[..., queries, out]`; leading axes broadcast.
 * @throws ShapeError when the shapes do not fit together.
 */
export function attention(q: Operand, k: Operand, v: Operand, options: AttentionOptions = {}): Tensor {
  const [query, key, value] = operands(q, k, v) as [Tensor, Tensor, Tensor];
  const width = query.shape.at(-1) as number;
  if (query.rank < 2 || key.rank < 2 || value.rank < 2 || (isSymbolicDim(width) && options.scale === undefined)) {
    throw new ShapeError({
      op: "attention",
      expected: "[..., queries, width], [..., keys, width] and [..., keys, out] with a known width (or a given scale)",
      found: [query, key, value].map(({ shape }) => formatShape(shape)).join(", "),
    });
  }
  let scores = mul(matmul(query, swapAxes(key, -1, -2)), options.scale ?? 1 / Math.sqrt(width));
  // The smallest number instead of -Infinity: a row that is masked as a whole stays free of NaN.
  const hidden = dtypes[scores.dtype].min;
  if (options.mask !== undefined) {
    const mask = operand(options.mask, scores.dtype);
    scores = mask.dtype === "bool" ? where(mask, scores, hidden) : add(scores, mask);
  }
  if (options.causal === true) scores = where(causalMask(query, key), scores, hidden);
  return matmul(softmax(scores, -1), value);
}
