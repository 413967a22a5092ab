import { type DType, type Tensor, mapTree, tensor, treeLeaves } from "../../src/index.ts";
import type { Optimizer } from "../../src/optim/index.ts";
import { applyUpdates } from "../../src/optim/index.ts";
import { readGolden } from "../support/golden.ts";

export type Values = { readonly weight: number[][]; readonly bias: number[] };
export type Params = { readonly weight: Tensor; readonly bias: Tensor };

export interface Golden {
  readonly params: Values;
  readonly gradients: readonly Values[];
  readonly paths: Readonly<Record<string, Readonly<Record<"float32" | "float64", readonly Values[]>>>>;
  readonly schedules: Readonly<Record<string, readonly number[]>>;
  readonly clipped: {
    readonly limit: number;
    readonly steps: readonly { readonly norm: number; readonly gradient: Values }[];
  };
}

export const golden: Golden = readGolden<Golden>(new URL("./fixtures/goldens.json", import.meta.url));

export function tensors({ weight, bias }: Values, dtype: DType): Params {
  return { weight: tensor(weight, { dtype }), bias: tensor(bias, { dtype }) };
}

/** All numbers of a tree in one row. */
export function numbers(tree: unknown): number[] {
  return treeLeaves(tree).flatMap((leaf) => Array.from(leaf.dataSync() as Float64Array));
}

/** Parameters after each of the golden gradients. */
export function follow(optimizer: Optimizer, dtype: DType): Params[] {
  let params = tensors(golden.params, dtype);
  let state = optimizer.init(params);
  return golden.gradients.map((values) => {
    const [updates, next] = optimizer.update(tensors(values, dtype), state, params);
    state = next;
    params = applyUpdates(params, updates);
    return params;
  });
}

/** Largest difference of two rows of numbers, relative to the size of the expected number or 1. */
export function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  return Math.max(0, ...found.map((x, i) => Math.abs(x - expected[i]!) / Math.max(1, Math.abs(expected[i]!))));
}

/** The tree with every tensor in another dtype. */
export function as<T>(tree: T, dtype: DType): T {
  return mapTree((leaf) => tensor(leaf, { dtype }), tree) as T;
}
