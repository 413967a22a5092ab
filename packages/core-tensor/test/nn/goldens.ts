import { expect } from "vitest";
import { type Tensor, mul, sum, tensor, treeLeaves, valueAndGrad } from "../../src/index.ts";
import { readGolden } from "../support/golden.ts";

export interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface Case {
  readonly params: Readonly<Record<string, Values>>;
  readonly x: Values;
  readonly y: Values;
  readonly c: Values;
  readonly gradients: Readonly<Record<string, Values>>;
}

export interface AttentionCase extends Omit<Case, "params"> {
  readonly memory?: Values;
  readonly mask?: readonly boolean[][];
  readonly "gradient of x": Values;
}

export interface Goldens {
  readonly dense: Case;
  readonly conv: Case;
  readonly convTranspose: Case;
  readonly layerNorm: Case;
  readonly rmsNorm: Case;
  readonly groupNorm: Case;
  readonly batchNorm: {
    readonly training: readonly (Case & { readonly mean: Values; readonly variance: Values })[];
    readonly inference: Case;
  };
  readonly embedding: Case & { readonly indices: readonly number[][] };
  readonly attention: {
    readonly heads: number;
    readonly params: Readonly<Record<string, Values>>;
    readonly self: AttentionCase;
    readonly causal: AttentionCase;
    readonly memory: AttentionCase;
  };
}

export const goldens: Goldens = readGolden<Goldens>(new URL("./fixtures/goldens.json", import.meta.url));

export function float64({ shape, values }: Values): Tensor {
  return tensor(Float64Array.from(values), { shape });
}

/** Checks shape and numbers of a tensor. */
export function expectClose(found: Tensor, expected: Values, tolerance = 1e-12): void {
  expect(found.shape).toEqual(expected.shape);
  const worst = Math.max(
    0,
    ...Array.from(found.dataSync() as Float64Array, (x, i) => Math.abs(x - expected.values[i]!)),
  );
  expect(worst).toBeLessThan(tolerance);
}

/** Parameters by name, with dots for nesting. */
export function paramsOf<P>(named: Readonly<Record<string, Values>>): P {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(named)) {
    const [first, second] = path.split(".") as [string, string | undefined];
    if (second === undefined) tree[first] = float64(value);
    else tree[first] = { ...(tree[first] as object | undefined), [second]: float64(value) };
  }
  return tree as P;
}

/** Checks the value of a layer, and the gradients of a weighted sum of it in the parameters. */
export function expectLayer<P>(
  layer: (params: P) => Tensor,
  golden: Pick<Case, "params" | "y" | "c" | "gradients">,
): void {
  const params = paramsOf<P>(golden.params);
  expectClose(layer(params), golden.y);
  const [, gradient] = valueAndGrad((p: P) => sum(mul(layer(p), float64(golden.c))))(params);
  expectGradients(gradient, golden.gradients);
}

export function expectGradients(gradient: unknown, expected: Readonly<Record<string, Values>>): void {
  const wanted = paramsOf(expected);
  const leaves = treeLeaves(wanted);
  expect(Object.keys(gradient as object).sort()).toEqual(Object.keys(wanted as object).sort());
  treeLeaves(gradient).forEach((leaf, i) => {
    const values = Array.from(leaves[i]!.dataSync() as Float64Array);
    expectClose(leaf, { shape: leaves[i]!.shape, values }, 1e-11);
  });
}
