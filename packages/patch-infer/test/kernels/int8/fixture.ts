import { readFileSync } from "node:fs";
import type { BinaryFunction, Clamp, Layer, Pair } from "../../../src/network/layer.ts";
import type { FeatureMap } from "../../../src/network/network.ts";
import {
  additionRequantization,
  fixedResizeAxis,
  meanRequantization,
  multiplicationRequantization,
  requantizationOf,
  sumRequantization,
} from "../../../src/network/quantization.ts";
import { codeMap } from "./layers.ts";

type Three = readonly [number, number, number];
/** Scale and zero point. */
type Quant = readonly [number, number];

/** A layer of cases.json; codes are base64. Inputs are missing in networks, where they are outputs of other layers. */
export interface FixtureCase {
  readonly kind: Layer["kind"];
  readonly clamp: readonly [number, number];
  readonly input: Quant;
  readonly right?: Quant;
  readonly output: Quant;
  readonly weightScales?: readonly number[];
  readonly kernel?: Pair;
  readonly strides?: Pair;
  readonly dilations?: Pair;
  readonly padBefore?: Pair;
  readonly padAfter?: Pair;
  readonly groups?: number;
  readonly depthMultiplier?: number;
  readonly countIncludePad?: boolean;
  readonly fn?: string;
  readonly size?: Pair;
  readonly alignCorners?: boolean;
  readonly halfPixelCenters?: boolean;
  readonly weights?: string;
  readonly bias?: readonly number[];
  readonly x?: string;
  readonly xShape: Three;
  readonly other?: string;
  readonly otherShape?: Three;
  readonly y: string;
  readonly yShape: Three;
}

export interface Fixture {
  readonly layers: readonly FixtureCase[];
  readonly network: {
    readonly x: string;
    readonly xShape: Three;
    readonly steps: readonly FixtureCase[];
    /** The step whose output the addition reads besides that of the step before it. */
    readonly skip: number;
  };
}

export function readFixture(): Fixture {
  return JSON.parse(readFileSync(new URL("../../fixtures/int8/cases.json", import.meta.url), "utf8")) as Fixture;
}

export function codesOf(base64: string): Int8Array {
  return new Int8Array(Buffer.from(base64, "base64"));
}

export function mapOf(name: string, shape: Three, [scale, zeroPoint]: Quant): FeatureMap {
  return codeMap(name, shape, scale, zeroPoint);
}

/** The case as a layer, with the parameters that the package computes from scales. */
export function layerOf(one: FixtureCase, name: string, inputs: readonly string[], output: string): Layer {
  const clamp: Clamp = { min: one.clamp[0], max: one.clamp[1] };
  const base = { name, inputs, output, clamp };
  const { kernel, strides, dilations, padBefore, padAfter } = one as Required<FixtureCase>;
  const window = { kernel, strides, dilations, padBefore, padAfter };
  const [from] = one.input;
  const [to] = one.output;
  const weighted = {
    weights: codesOf(one.weights ?? ""),
    bias: Int32Array.from(one.bias ?? []),
    requantization: requantizationOf(from, one.weightScales ?? [], to),
  };
  switch (one.kind) {
    case "conv2d":
    case "convTranspose2d":
      return { kind: one.kind, ...base, ...window, ...weighted, groups: one.groups as number };
    case "depthwiseConv2d":
      return { kind: one.kind, ...base, ...window, ...weighted, depthMultiplier: one.depthMultiplier as number };
    case "maxPool2d":
      return { kind: one.kind, ...base, ...window };
    case "averagePool2d":
      return { kind: one.kind, ...base, ...window, countIncludePad: one.countIncludePad as boolean };
    case "binary": {
      const right = (one.right as Quant)[0];
      const requantization =
        one.fn === "mul" ? multiplicationRequantization(from, right, to) : additionRequantization(from, right, to);
      return { kind: one.kind, ...base, fn: one.fn as BinaryFunction, requantization };
    }
    case "globalPool": {
      const [height, width] = one.xShape;
      const requantization =
        one.fn === "mean" ? meanRequantization(from, to, height * width) : sumRequantization(from, to);
      return { kind: one.kind, ...base, fn: one.fn as "mean" | "sum", requantization };
    }
    case "resize2d": {
      const [rows, columns] = one.size as Pair;
      const options = { alignCorners: one.alignCorners as boolean, halfPixelCenters: one.halfPixelCenters as boolean };
      return {
        kind: one.kind,
        ...base,
        mode: "linear",
        rows: fixedResizeAxis(one.xShape[0], rows, options),
        columns: fixedResizeAxis(one.xShape[1], columns, options),
      };
    }
    default:
      throw new Error(`no ${one.kind} in the fixture`);
  }
}
