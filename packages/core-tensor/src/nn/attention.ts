import { type AttentionOptions, attention, reshape, transpose } from "../ops/index.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { type Key, split } from "../tensor/random/index.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type DenseParams, type LayerOptions, dense, initDense } from "./dense.ts";

export interface AttentionParams {
  readonly query: DenseParams;
  readonly key: DenseParams;
  readonly value: DenseParams;
  readonly output: DenseParams;
}

/** Four dense layers of `width` x `width`. */
export function initAttention(key: Key, width: number, options: LayerOptions = {}): AttentionParams {
  const [query, key_, value, output] = split(key, 4).map((own) => initDense(own, width, width, options)) as [
    DenseParams,
    DenseParams,
    DenseParams,
    DenseParams,
  ];
  return { query, key: key_, value, output };
}

export interface MultiHeadOptions extends Omit<AttentionOptions, "scale"> {
  /** Number of heads; divides the width. */
  readonly heads: number;
  /** Where keys and values come from: `[batch, length, width]`. Default: x itself. */
  readonly memory?: Tensor;
}

/**
 * Multi-head attention of `[batch, length, width]` (Vaswani et al. 2017, section 3.2.2). A mask broadcasts to
 * `[batch, heads, queries, keys]`.
 *
 * @throws ShapeError for inputs that do not have three axes; ArgumentError when the heads do not divide the width.
 */
export function multiHeadAttention(params: AttentionParams, x: Tensor, options: MultiHeadOptions): Tensor {
  const { heads, memory = x, ...rest } = options;
  const op = "multiHeadAttention";
  for (const [argument, value] of [
    ["x", x],
    ["memory", memory],
  ] as const) {
    if (value.rank === 3) continue;
    throw new ShapeError({ op, argument, expected: "[batch, length, width]", found: formatShape(value.shape) });
  }
  const width = params.query.weight.shape[1] as number;
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw new ArgumentError({
      op,
      argument: "heads",
      expected: `a divisor of the width ${width}`,
      found: String(heads),
    });
  }
  const apart = (y: Tensor): Tensor => {
    const [batch, length] = y.shape as readonly [number, number];
    return transpose(reshape(y, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
  };
  const [query, key, value] = [dense(params.query, x), dense(params.key, memory), dense(params.value, memory)];
  const mixed = attention(apart(query), apart(key), apart(value), rest);
  return dense(params.output, reshape(transpose(mixed, [0, 2, 1, 3]), query.shape));
}
