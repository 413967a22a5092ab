import { PatchInferError } from "../base/errors.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { type MapRunnerOptions, mapRunner } from "./mapValues.ts";

/** A feature map of a float network and of its int8 form, over some samples. */
export interface MapComparison {
  readonly map: string;
  /** Values in the float network. */
  readonly min: number;
  readonly max: number;
  /** Of the codes; missing where the map stays float32. */
  readonly scale?: number;
  readonly zeroPoint?: number;
  /**
   * `10 log10(sum of x^2 / sum of (x - what the code stands for)^2)`: what all rounding up to here has cost, in decibel. Infinity when nothing
   * was lost.
   */
  readonly signalToNoise: number;
  readonly maxAbsoluteError: number;
}

/**
 * Where a network loses precision: every feature map of both, run on the same samples, in the order in which they are made.
 *
 * @param quantized made from `network` by `quantizeInt8`: its maps have the same names.
 * @param samples given to the float network; the int8 one takes them as codes when its ports are int8.
 * @throws PatchInferError OPTION without samples, or when no map of both has the same name; what running throws.
 */
export function compareMaps(
  network: Network,
  quantized: Network,
  samples: Iterable<Readonly<Record<string, Float32Array>> | Float32Array>,
  options: MapRunnerOptions = {},
): MapComparison[] {
  const common = Object.values(network.maps).filter(
    ({ name, viewOf }) => viewOf === undefined && quantized.maps[name] !== undefined,
  );
  if (common.length === 0) throw new PatchInferError("OPTION", "the networks have no feature map in common");
  const runs = { float: mapRunner(network, options), codes: mapRunner(quantized, options) };
  const sums = new Map(common.map(({ name }) => [name, { min: 0, max: 0, signal: 0, noise: 0, largest: 0 }]));
  let count = 0;
  for (const sample of samples) {
    count++;
    const values = runs.float(sample);
    const codes = runs.codes(inputsOf(quantized, sample));
    for (const [name, sum] of sums) {
      const [x, q] = [values.get(name), codes.get(name)];
      if (x === undefined || q === undefined) continue;
      const { scale = 1, zeroPoint = 0 } = quantized.maps[name] as FeatureMap;
      for (let i = 0; i < x.length; i++) {
        const value = x[i] as number;
        const error = value - scale * ((q[i] as number) - zeroPoint);
        sum.min = Math.min(sum.min, value);
        sum.max = Math.max(sum.max, value);
        sum.signal += value * value;
        sum.noise += error * error;
        sum.largest = Math.max(sum.largest, Math.abs(error));
      }
    }
  }
  if (count === 0) throw new PatchInferError("OPTION", "comparing needs at least one sample");
  return common.map(({ name }) => {
    const { min, max, signal, noise, largest } = sums.get(name) as {
      min: number;
      max: number;
      signal: number;
      noise: number;
      largest: number;
    };
    const { scale, zeroPoint } = quantized.maps[name] as FeatureMap;
    return {
      map: name,
      min,
      max,
      ...(scale === undefined || zeroPoint === undefined ? {} : { scale, zeroPoint }),
      signalToNoise: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsoluteError: largest,
    };
  });
}

/** The sample as the ports of the int8 network take it. */
function inputsOf(
  quantized: Network,
  sample: Readonly<Record<string, Float32Array>> | Float32Array,
): Readonly<Record<string, Float32Array | Int8Array>> {
  const [only] = quantized.inputs;
  const byName = sample instanceof Float32Array ? { [only?.name ?? ""]: sample } : sample;
  return Object.fromEntries(
    quantized.inputs.flatMap(({ name, map }) => {
      const values = byName[name];
      if (values === undefined) return [];
      const { type, scale = 1, zeroPoint = 0 } = quantized.maps[map] as FeatureMap;
      return [[name, type === "float32" ? values : quantizeCells(values, { scale, zeroPoint })]];
    }),
  );
}

/** Numbers as codes, halves to even as the layer `convert` rounds: what an int8 input takes. */
export function quantizeCells(
  values: Float32Array,
  { scale, zeroPoint }: { readonly scale: number; readonly zeroPoint: number },
): Int8Array {
  const integers = 1.5 * 2 ** 52;
  return Int8Array.from(values, (value) => {
    const near = Math.max(-1024, Math.min(1024, Math.fround(value / Math.fround(scale))));
    return Math.max(-128, Math.min(127, near + integers - integers + zeroPoint));
  });
}
