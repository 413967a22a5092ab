import { PatchInferError } from "../base/errors.ts";
import type { Inputs } from "../execute/source.ts";
import type { Network } from "../network/network.ts";
import { type MapRunnerOptions, mapRunner } from "./mapValues.ts";

/** The smallest and largest value of a feature map; 0 is always inside. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Runs a float network on samples and notes the range of every feature map (views are left out).
 *
 * @throws PatchInferError OPTION without samples; BAD_MODEL for a value that is not finite; SHAPE_MISMATCH and DTYPE_MISMATCH
 *   for samples that are no inputs.
 */
export function observeRanges(
  network: Network,
  samples: Iterable<Inputs>,
  options: MapRunnerOptions = {},
): Readonly<Record<string, ValueRange>> {
  const run = mapRunner(network, options);
  const ranges: Record<string, ValueRange> = {};
  let count = 0;
  for (const sample of samples) {
    count++;
    for (const [name, values] of run(sample)) {
      let { min, max } = ranges[name] ?? { min: 0, max: 0 };
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        if (value < min) min = value;
        if (value > max) max = value;
        if (!Number.isFinite(value))
          throw new PatchInferError("BAD_MODEL", `map "${name}" has the value ${value}`, { layer: name });
      }
      ranges[name] = { min, max };
    }
  }
  if (count === 0) throw new PatchInferError("OPTION", "quantisation needs at least one sample");
  return ranges;
}
