import type { Graph } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { DepthwiseConv2d, Pair } from "../network/layer.ts";
import type { Network } from "../network/network.ts";
import { checkStage } from "../plan/legal.ts";
import { factsOf } from "../plan/facts.ts";
import type { Grid } from "../plan/plan.ts";
import { networkMacs, planOptions, walksOf } from "../plan/planStages.ts";
import { type StageLayout, layOutStage } from "../plan/stageLayout.ts";
import { energyLost, resizedWindow, withKernel } from "./depthwise.ts";
import { graphWithKernels } from "./graphKernels.ts";
import { type FieldSize, fieldOf, lastLocalLayer } from "./receptiveField.ts";

export interface RedistributeOptions {
  /** Where the patch stage ends: the map that it makes, or the number of layers of the lowered network. */
  readonly split: string | number;
  /** Default 4 x 4, the paper's, or as many patches as there are cells. */
  readonly grid?: Grid;
  /** Extra work of the patch stage to come down to, as a share of its work on the whole image: 0.2 for 20 %. */
  readonly targetOverhead: number;
  /**
   * `"virtual"` (default): every patch at its own size, nothing clipped at the image's edge, the paper's count; `"clipped"`:
   * the work that is really done.
   */
  readonly count?: "virtual" | "clipped";
  /** Grow kernels after the patch stage until the receptive field is what it was. Default true. */
  readonly keepReceptiveField?: boolean;
  /** Kernels do not grow beyond this. Default 7. */
  readonly largestKernel?: number;
}

/** A depthwise convolution whose kernel was changed. */
export interface KernelReport {
  readonly layer: string;
  readonly from: Pair;
  readonly to: Pair;
  /** The share of the kernel's energy (sum of squares) that is gone: 0 for kernels that grew. */
  readonly weightsLost: number;
}

/** The patch stage and the network at one time. */
export interface RedistributionState {
  /** Extra work of the patch stage, by both counts. */
  readonly overhead: { readonly virtual: number; readonly clipped: number };
  /** Rows and columns of the input that an inner patch needs. */
  readonly patchInput: FieldSize;
  /** Of the last layer before anything sees the whole image. */
  readonly receptiveField: FieldSize;
  /** Multiply-accumulates of the network layer by layer. */
  readonly macs: number;
}

export interface RedistributeReport {
  readonly before: RedistributionState;
  readonly after: RedistributionState;
  /** In the patch stage. The network computes something else now, as far as `weightsLost` is above 0: train it again. */
  readonly shrunk: readonly KernelReport[];
  /** After the patch stage. Their new taps are 0, so this alone changes no output; training will use them. */
  readonly grown: readonly KernelReport[];
  /** Whether the overhead came down to the target, and the receptive field is as large as before. */
  readonly reachedOverhead: boolean;
  readonly reachedReceptiveField: boolean;
}

export interface Redistributed<Model extends Graph | Network> {
  readonly model: Model;
  readonly report: RedistributeReport;
}

/**
 * Moves receptive field from the patch stage to the layers after it (MCUNetV2, Lin et al. 2021, section 3.2): depthwise kernels
 * of the stage shrink, centre taps kept, the one that saves most work first, until the overhead of patches is at most the target;
 * then depthwise kernels after the stage grow by zero taps, those at the smallest resolution first, until one cell sees as much of the input
 * as before. Kernels never become smaller than their stride: cells of the image would be skipped.
 *
 * The result is a starting point for training, of the kind that was given: a graph (its constants are the new weights) or a float
 * network. Which layers grow is not in the paper; the order here is the one that needs the fewest taps.
 *
 * @throws PatchInferError ILLEGAL_SPLIT, GLOBAL_OP_IN_STAGE, GRID_TOO_FINE as `planPatches`; DTYPE_MISMATCH for an int8 network; OPTION
 *   for a target that is no number of at least 0, a `largestKernel` that is not odd; UNSUPPORTED_OP for a graph whose depthwise weights are not
 *   constants.
 */
export function redistribute<Model extends Graph | Network>(
  model: Model,
  options: RedistributeOptions,
): Redistributed<Model> {
  const original = networkOf(model);
  const { targetOverhead, count = "virtual", keepReceptiveField = true, largestKernel = 7 } = options;
  if (!(targetOverhead >= 0))
    throw new PatchInferError("OPTION", `targetOverhead is ${targetOverhead}, not a number of at least 0`);
  if (!(largestKernel >= 1 && largestKernel % 2 === 1))
    throw new PatchInferError("OPTION", `largestKernel is ${largestKernel}, not an odd number`);
  const end = endOf(original, options.split);
  const grid = gridOf(original, end, options.grid);
  checkStage(factsOf(original), { first: 0, end, grid, overlap: "recompute" });
  const overheadOf = (network: Network): number => stageOverhead(network, end, grid)[count];

  let network = original;
  while (overheadOf(network) > targetOverhead) {
    const smaller = candidates(network, 0, end, 1);
    const best = leastBy(smaller, ({ network: candidate }) => overheadOf(candidate));
    if (best === undefined || overheadOf(best.network) >= overheadOf(network)) break;
    network = best.network;
  }

  const last = lastLocalLayer(original);
  const before = fieldOf(original, last);
  const wide = (candidate: Network): boolean => {
    const { rows, columns } = fieldOf(candidate, last);
    return rows >= before.rows && columns >= before.columns;
  };
  while (keepReceptiveField && !wide(network)) {
    const larger = candidates(network, end, last + 1, -1).filter(
      ({ layer }) => Math.max(...layer.kernel) + 2 <= largestKernel,
    );
    // The smallest image first, then the smallest kernel, then the last layer.
    const best = leastBy(larger.toReversed(), ({ cells, layer }) => cells + Math.max(...layer.kernel) / 1024);
    if (best === undefined) break;
    network = best.network;
  }

  const changed = changesBetween(original, network);
  const report: RedistributeReport = {
    before: stateOf(original, end, grid, last),
    after: stateOf(network, end, grid, last),
    shrunk: changed.filter(({ index }) => index < end).map(({ report }) => report),
    grown: changed.filter(({ index }) => index >= end).map(({ report }) => report),
    reachedOverhead: overheadOf(network) <= targetOverhead,
    reachedReceptiveField: wide(network),
  };
  const isNetwork = "layers" in model;
  return { model: (isNetwork ? network : graphWithKernels(model as Graph, original, network)) as Model, report };
}

interface KernelCandidate {
  readonly layer: DepthwiseConv2d;
  /** Cells of its output. */
  readonly cells: number;
  readonly network: Network;
}

/** The network with one depthwise kernel of the layers `first` to `end - 1` smaller (larger) by a ring of taps, in all ways. */
function candidates(network: Network, first: number, end: number, rings: 1 | -1): KernelCandidate[] {
  return network.layers.slice(first, end).flatMap((layer, i) => {
    if (layer.kind !== "depthwiseConv2d") return [];
    if (!(layer.weights instanceof Float32Array))
      throw new PatchInferError("DTYPE_MISMATCH", `layer "${layer.name}" is int8: redistribute before quantising`, {
        layer: layer.name,
      });
    const window = resizedWindow(layer, rings);
    const map = network.maps[layer.output];
    if (window === undefined || map === undefined) return [];
    return [{ layer, cells: map.height * map.width, network: withKernel(network, first + i, window) }];
  });
}

/** The first of the least. */
function leastBy<T>(values: readonly T[], measure: (value: T) => number): T | undefined {
  let least: { readonly value: T; readonly measured: number } | undefined;
  for (const value of values) {
    const measured = measure(value);
    if (least === undefined || measured < least.measured) least = { value, measured };
  }
  return least?.value;
}

function layoutOf(network: Network, end: number, grid: Grid): StageLayout {
  const facts = factsOf(network);
  const walks = walksOf(facts, { first: 0, end, grid, overlap: "recompute" });
  return layOutStage(facts, 0, walks, planOptions({}));
}

function stageOverhead(network: Network, end: number, grid: Grid): { virtual: number; clipped: number } {
  const whole = layoutOf(network, end, { rows: 1, columns: 1 }).macs;
  const { macs, virtualMacs } = layoutOf(network, end, grid);
  return { virtual: virtualMacs / whole - 1, clipped: macs / whole - 1 };
}

function stateOf(network: Network, end: number, grid: Grid, last: number): RedistributionState {
  const { loads, rows, columns } = layoutOf(network, end, grid);
  const widest = (parts: StageLayout["rows"]): number =>
    Math.max(
      ...loads.map((map) => {
        const { from, to } = parts.get(map) ?? { from: [], to: [] };
        return Math.max(...to.map((position, i) => position - (from[i] as number)));
      }),
    );
  return {
    overhead: stageOverhead(network, end, grid),
    patchInput: { rows: widest(rows), columns: widest(columns) },
    receptiveField: fieldOf(network, last),
    macs: networkMacs(factsOf(network)),
  };
}

function changesBetween(before: Network, after: Network): { index: number; report: KernelReport }[] {
  return before.layers.flatMap((layer, index) => {
    const changed = after.layers[index];
    if (layer === changed || layer.kind !== "depthwiseConv2d" || changed?.kind !== "depthwiseConv2d") return [];
    const { name, weights, kernel: from } = layer;
    const { kernel: to } = changed;
    const channels = weights.length / (from[0] * from[1]);
    const weightsLost = energyLost(weights as Float32Array, from, to, channels);
    return [{ index, report: { layer: name, from, to, weightsLost } }];
  });
}

function endOf(network: Network, split: string | number): number {
  if (typeof split === "number") return split;
  const made = factsOf(network).producer.get(split) ?? -1;
  if (made < 0) throw new PatchInferError("ILLEGAL_SPLIT", `no layer makes a map "${split}"`);
  return made + 1;
}

function gridOf(network: Network, end: number, grid: Grid | undefined): Grid {
  if (grid !== undefined) return grid;
  const output = network.maps[network.layers[end - 1]?.output ?? ""];
  return { rows: Math.min(4, output?.height ?? 1), columns: Math.min(4, output?.width ?? 1) };
}
