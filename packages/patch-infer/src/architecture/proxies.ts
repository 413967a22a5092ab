import { random } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { LayerKind } from "../network/layer.ts";
import type { Network } from "../network/network.ts";
import { factsOf } from "../plan/facts.ts";
import { walksOf } from "../plan/planStages.ts";
import { mapRunner } from "../quantize/mapValues.ts";

/**
 * Multiply-accumulates of a network, weighted by the kind of layer: the simplest stand-in for accuracy, larger is better. Default
 * weights: 1.
 */
export function weightedMacs(network: Network, weights: Partial<Record<LayerKind, number>> = {}): number {
  const facts = factsOf(network);
  return facts.layers.reduce((sum, { index, layer, unit }) => {
    const { rows, columns } = walksOf(facts, {
      first: index,
      end: index + 1,
      grid: { rows: 1, columns: 1 },
      overlap: "recompute",
    });
    return sum + (weights[layer.kind] ?? 1) * unit * (rows.work[0] ?? 0) * (columns.work[0] ?? 0);
  }, 0);
}

export interface ActivationProxyOptions {
  /** Random inputs. Default 32. */
  readonly batch?: number;
  readonly seed: number;
  /** Inputs to use instead of random ones: values in the order of the network's only input map. */
  readonly inputs?: readonly Float32Array[];
}

/**
 * How differently an untrained network sees different inputs, by which of its ReLUs are open: `log |det K|`, where `K[i][j]` counts the
 * ReLUs that inputs i and j leave in the same state (NASWOT, Mellor et al. 2021, equation 2). Larger is better. Networks of different
 * sizes can be compared; their weights should be fresh.
 *
 * @param network float32, with one input.
 * @throws PatchInferError DTYPE_MISMATCH, OPTION for a network without a ReLU.
 */
export function activationPatternScore(network: Network, options: ActivationProxyOptions): number {
  const rows = activations(network, options);
  return logDeterminant(
    rows.map((a) =>
      rows.map((b) => a.reduce((same, value, i) => same + (value > 0 === (b[i] as number) > 0 ? 1 : 0), 0)),
    ),
  );
}

/**
 * The log-volume that the activations of an untrained network span: `log det (C + I / 1000)` of the cosines C between what the ReLUs
 * give for different inputs. At most about 0 (all at right angles); larger is better. A smooth relative of `activationPatternScore`; ours.
 *
 * @param network float32, with one input.
 * @throws PatchInferError DTYPE_MISMATCH, OPTION for a network without a ReLU.
 */
export function activationVolumeScore(network: Network, options: ActivationProxyOptions): number {
  const rows = activations(network, options);
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  const lengths = rows.map((row) => Math.sqrt(dot(row, row)) || 1);
  return logDeterminant(
    rows.map((a, i) =>
      rows.map((b, j) => dot(a, b) / ((lengths[i] as number) * (lengths[j] as number)) + (i === j ? 1e-3 : 0)),
    ),
  );
}

/** What all ReLUs give, one row per input. */
function activations(network: Network, { batch = 32, seed, inputs }: ActivationProxyOptions): Float32Array[] {
  const [port] = network.inputs;
  const map = network.maps[port?.map ?? ""];
  if (map === undefined || network.inputs.length > 1)
    throw new PatchInferError("OPTION", "the network must have one input");
  if (!(Number.isInteger(batch) && batch >= 1))
    throw new PatchInferError("OPTION", `batch is ${batch}, not a whole number of at least 1`);
  const cells = map.height * map.width * map.channels;
  const draw = (i: number): Float32Array =>
    random.normal(random.foldIn(random.key(seed), i), [cells]).dataSync() as Float32Array;
  const given = inputs ?? Array.from({ length: batch }, (_, i) => draw(i));
  const relus = network.layers.flatMap((layer) => ("clamp" in layer && layer.clamp.min === 0 ? [layer.output] : []));
  if (relus.length === 0) throw new PatchInferError("OPTION", "the network has no ReLU to look at");
  const run = mapRunner(network);
  return given.map((input) => {
    const values = run(input);
    const parts = relus.map((name) => values.get(network.maps[name]?.viewOf ?? name) as Float32Array);
    const row = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      row.set(part, at);
      at += part.length;
    }
    return row;
  });
}

/** `log |det|` of a symmetric matrix by elimination with pivots; -Infinity when it is singular. */
function logDeterminant(matrix: readonly (readonly number[])[]): number {
  const rows: Float64Array[] = matrix.map((row) => Float64Array.from(row));
  let sum = 0;
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < rows.length; i++)
      if (Math.abs((rows[i] as Float64Array)[k] as number) > Math.abs((rows[pivot] as Float64Array)[k] as number))
        pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot] as Float64Array, rows[k] as Float64Array];
    const top = rows[k] as Float64Array;
    const lead = top[k] as number;
    if (lead === 0) return Number.NEGATIVE_INFINITY;
    sum += Math.log(Math.abs(lead));
    for (let i = k + 1; i < rows.length; i++) {
      const row = rows[i] as Float64Array;
      const factor = (row[k] as number) / lead;
      for (let j = k; j < rows.length; j++) row[j] = (row[j] as number) - factor * (top[j] as number);
    }
  }
  return sum;
}
