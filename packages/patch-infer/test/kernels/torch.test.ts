import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../src/kernels/wasmKernels.ts";
import type { Layer, ResizeAxis } from "../../src/network/layer.ts";
import { floatMap, networkOf, runLayer } from "./oneLayer.ts";

/** test/fixtures/kernels/make.py: heights, widths and channels; cells with the channels last. */
interface TorchCase {
  readonly kind: string;
  readonly layer: Readonly<Record<string, unknown>>;
  readonly input: readonly [number, number, number];
  readonly x: readonly number[];
  readonly output: readonly [number, number, number];
  readonly y: readonly number[];
}

const cases = JSON.parse(
  readFileSync(new URL("../fixtures/kernels/torch.json", import.meta.url), "utf8"),
) as TorchCase[];

function axis(input: number, output: number, mode: string, corners: boolean): ResizeAxis {
  const positions = Array.from({ length: output }, (_, o) => {
    if (mode === "nearest") return Math.floor((o * input) / output);
    return corners ? (o * (input - 1)) / (output - 1) : Math.max(0, ((o + 0.5) * input) / output - 0.5);
  });
  const low = Int32Array.from(positions, (at) => Math.floor(at));
  return {
    low,
    high: low.map((at) => Math.min(input - 1, at + 1)),
    share: Float32Array.from(positions, (at, o) => at - (low[o] as number)),
  };
}

function layerOf({ kind, layer, input, output }: TorchCase): Layer {
  const { mode, corners, weights, bias, fn } = layer;
  const arrays = {
    ...(weights !== undefined && { weights: Float32Array.from(weights as number[]) }),
    ...(bias !== undefined && { bias: Float32Array.from(bias as number[]) }),
  };
  const resize = kind === "resize2d" && {
    mode: mode === "nearest" ? "nearest" : "linear",
    rows: axis(input[0], output[0], mode as string, corners as boolean),
    columns: axis(input[1], output[1], mode as string, corners as boolean),
  };
  const clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  const own = { ...layer, ...arrays, ...resize, ...(fn === "hardswish" && { fn: "hardSwish" }) };
  return { name: "layer", inputs: ["in"], output: "out", clamp, kind, ...own } as unknown as Layer;
}

describe.each([
  ["typescript", typescriptKernels],
  ["wasm", wasmKernels],
] as const)("%s kernels give what torch computes in float64", (_engine, factory) => {
  test.each(cases.map((one, index) => [index, one.kind, one] as const))("%d: %s", (_index, _kind, one) => {
    const network = networkOf([floatMap("in", ...one.input), floatMap("out", ...one.output)], [layerOf(one)]);
    const result = runLayer(factory, network, [Float32Array.from(one.x)]);
    expect(result.length).toBe(one.y.length);
    const worst = one.y.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (result[i] as number)) / (1 + Math.abs(value))),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });
});
