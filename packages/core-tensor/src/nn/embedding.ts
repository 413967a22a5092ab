import { gather } from "../ops/index.ts";
import type { FloatDType, Key } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Initializer, normalInitializer } from "./initializers.ts";

export interface EmbeddingParams {
  /** `[entries, width]` */
  readonly table: Tensor;
}

export interface EmbeddingOptions {
  /** Default: normal with standard deviation 0.02 (Radford et al. 2018, section 4.1). */
  readonly table?: Initializer;
  /** Default float32. */
  readonly dtype?: FloatDType;
}

/** A vector of `width` numbers for each of `entries` indices. */
export function initEmbedding(
  key: Key,
  entries: number,
  width: number,
  options: EmbeddingOptions = {},
): EmbeddingParams {
  const { table = normalInitializer(0.02), dtype = "float32" } = options;
  return { table: table(key, [entries, width], dtype) };
}

/** Rows of the table: indices (int32 or int64) of any shape -> `[...shape, width]`. */
export function embedding({ table }: EmbeddingParams, indices: Tensor): Tensor {
  return gather(table, indices, 0);
}
