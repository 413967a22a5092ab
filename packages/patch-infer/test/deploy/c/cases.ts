import { uniformFrom } from "../../../src/base/uniform.ts";
import { emitC } from "../../../src/deploy/c/emitC.ts";
import { cellCount, type Cells } from "../../../src/execute/cells.ts";
import { PatchExecutor } from "../../../src/execute/patchExecutor.ts";
import { typescriptKernels } from "../../../src/kernels/typescriptKernels.ts";
import { unpackOutput } from "../../../src/lower/ports.ts";
import type { FeatureMap, Network } from "../../../src/network/network.ts";
import { factsOf } from "../../../src/plan/facts.ts";
import { finestGrid, stageFault } from "../../../src/plan/legal.ts";
import type { Grid, Overlap, Plan } from "../../../src/plan/plan.ts";
import { type PlanningOptions, planStages, type StageChoice } from "../../../src/plan/planStages.ts";
import { type CompiledRun, compileAndRun, type Target } from "./compile.ts";

/** Random cells for every input, by position. */
export function randomCells(network: Network, seed: number): readonly Cells[] {
  const uniform = uniformFrom(seed);
  return network.inputs.map(({ map: name }) => {
    const map = network.maps[name] as FeatureMap;
    return map.type === "float32"
      ? Float32Array.from({ length: cellCount(map) }, () => 2 * uniform() - 1)
      : Int8Array.from({ length: cellCount(map) }, () => Math.floor(256 * uniform()) - 128);
  });
}

/** A compiled run and how many of its output values differ from those of `PatchExecutor`. */
export interface Comparison extends CompiledRun {
  readonly differing: number;
  readonly arenaBytes: number;
  readonly flashBytes: number;
}

/** Compiles a plan, runs it, and compares every output with the executor's, bit for bit. */
export function compare(
  network: Network,
  plan: Plan,
  target: Target,
  { guard = false, inputs = randomCells(network, 7) }: { guard?: boolean; inputs?: readonly Cells[] } = {},
): Comparison {
  const source = emitC(network, plan, { guard });
  const run = compileAndRun({ network, plan, source }, inputs, target);
  const byName = Object.fromEntries(network.inputs.map(({ name }, i) => [name, inputs[i] as Cells]));
  const wanted = new PatchExecutor(network, plan, { kernels: typescriptKernels }).run(byName);
  let differing = 0;
  network.outputs.forEach((port, i) => {
    const map = network.maps[port.map] as FeatureMap;
    const got = unpackOutput(port, map, run.outputs[i] as Cells).dataSync();
    const right = wanted[port.name]?.dataSync();
    for (let k = 0; k < got.length; k++) if (!Object.is(got[k], right?.[k])) differing++;
  });
  return { ...run, differing, arenaBytes: source.arenaBytes, flashBytes: source.flashBytes };
}

/** The longest stages that a network may be cut into, from the first layer on; at least two layers each. */
export function longStages(network: Network, most = 99): readonly { readonly first: number; readonly end: number }[] {
  const facts = factsOf(network);
  const stages: { first: number; end: number }[] = [];
  let first = 0;
  while (first < network.layers.length) {
    let end = Math.min(network.layers.length, first + most);
    while (end > first + 1 && stageFault(facts, first, end) !== undefined) end--;
    if (end > first + 1) stages.push({ first, end });
    first = end;
  }
  return stages;
}

/** A plan with a grid for each of these stages; grids that are too fine become coarser. */
export function planOf(
  network: Network,
  spans: readonly { readonly first: number; readonly end: number }[],
  overlap: Overlap,
  grid: Grid,
  options: PlanningOptions = {},
): Plan {
  const stages = spans.map(({ first, end }): StageChoice => {
    const most = finestGrid(factsOf(network), first, end, overlap);
    const rows = Math.min(grid.rows, most.rows);
    return { first, end, overlap, grid: { rows, columns: Math.min(grid.columns, most.columns) } };
  });
  return planStages(network, { ...options, stages });
}

/** Plans of all kinds for a network, by name. */
export function plansOf(network: Network): Readonly<Record<string, Plan>> {
  const [longest] = longStages(network).toSorted((a, b) => b.end - b.first - (a.end - a.first));
  const one = longest === undefined ? [] : [longest];
  const several = longStages(network, 4);
  const grid = (rows: number, columns: number): Grid => ({ rows, columns });
  return {
    "layer by layer": planOf(network, [], "recompute", grid(1, 1)),
    "recompute 2 x 2": planOf(network, one, "recompute", grid(2, 2), { input: "callback" }),
    "recompute 3 x 3, nothing in place": planOf(network, one, "recompute", grid(3, 3), {
      inPlace: false,
      accumulateIntoResidual: false,
    }),
    "cacheColumns 2 x 3, resident": planOf(network, one, "cacheColumns", grid(2, 3), {
      input: "resident",
      output: "resident",
    }),
    "cacheRows 4": planOf(network, one, "cacheRows", grid(4, 1)),
    "cacheBoth 3 x 4": planOf(network, one, "cacheBoth", grid(3, 4)),
    "several stages, cacheBoth 2 x 2": planOf(network, several, "cacheBoth", grid(2, 2), { align: 16 }),
  };
}
