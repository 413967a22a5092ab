import { type Graph, type HostTensor, interpret } from "@parsimony/core-tensor";
import { expect } from "vitest";
import type { Network } from "../../src/network/network.ts";
import { evaluate } from "./evaluate.ts";

type Tensors = Readonly<Record<string, HostTensor>>;

/** Largest `|a - b| / (1 + |b|)`; equal numbers (infinities too) have no distance, NaN agrees with NaN. */
export function distance(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  if (a.length !== b.length) return Number.NaN;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [Number(a[i]), Number(b[i])];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    worst = Math.max(worst, Math.abs(x - y) / (1 + Math.abs(y)));
  }
  return worst;
}

/** The network gives what the program gives: names, shapes, dtypes, and numbers within a distance. */
export function expectSame(network: Network, graph: Graph, inputs: Tensors, limit = 1e-5): void {
  const expected = interpret(graph, inputs) as Record<string, HostTensor>;
  const found = evaluate(network, inputs) as Record<string, HostTensor>;
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const other = found[name] as HostTensor;
    expect([name, other.dtype, ...other.shape]).toEqual([name, value.dtype, ...value.shape]);
    expect(distance(other.dataSync(), value.dataSync()), name).toBeLessThanOrEqual(limit);
  }
}

/** Kinds of layers in order, with their functions; an 8 behind those that make codes. */
export function kinds({ layers, maps }: Network): string[] {
  return layers.map((layer) => {
    const fn = "fn" in layer ? `:${layer.fn}` : "";
    return `${layer.kind}${fn}${maps[layer.output]?.type === "int8" ? "8" : ""}`;
  });
}
