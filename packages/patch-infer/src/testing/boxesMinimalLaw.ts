import { PatchInferError } from "../base/errors.ts";
import { uniformFrom } from "../base/uniform.ts";
import { type Cells, cellCount } from "../execute/cells.ts";
import { runWhole } from "../execute/runWhole.ts";
import { typescriptKernels } from "../kernels/typescriptKernels.ts";
import type { Axis } from "../layers/rule.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";
import type { AxisParts, Plan, Stage } from "../plan/plan.ts";
import { positiveTwin } from "./positiveTwin.ts";
import type { LawOptions, Model } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/** A part of a map in a stage. */
interface Case {
  readonly stage: Stage;
  readonly map: string;
  readonly axis: Axis;
  readonly patch: number;
}

/**
 * Is what patches hold of each map exactly what they need? Checked on a network of the same shapes with positive weights: changing
 * the first or the last row (or column) that a patch holds of a map must change what the patch makes, changing everything outside must
 * not. Looks at a random part `trials` times (default 20), in all stages that compute overlaps again. The first of the two is not asked
 * of stages with dilated windows, strides larger than windows, or concatenations along the axis.
 *
 * @throws PatchInferError OPTION when the plan has no such stage
 */
export function boxesMinimalLaw(model: Model, plan: Plan, options: Omit<LawOptions, "kernels"> = {}): LawVerdict {
  const { trials = 20, seed = 0 } = options;
  const network = networkOf(model);
  const uniform = uniformFrom(seed);
  const stages = plan.stages
    .filter(({ overlap, grid }) => overlap === "recompute" && grid.rows * grid.columns > 1)
    .map((stage) => beforePooling(network, stage));
  if (stages.length === 0)
    throw new PatchInferError("OPTION", "the plan has no stage with patches that compute overlaps again");
  const cases = stages.flatMap(casesOf);
  if (cases.length === 0) return verdictOf("boxesMinimalLaw", undefined, "patches of one layer hold nothing else");
  let found: string | undefined;
  for (let trial = 0; trial < trials && found === undefined; trial++) {
    found = check(network, cases[Math.floor(uniform() * cases.length)] as Case, seed + trial);
  }
  return verdictOf(
    "boxesMinimalLaw",
    found,
    `all of ${trials} draws from ${cases.length} parts hold what their patches need and no more`,
  );
}

/** A stage without the pooling at its end, which reads all of what the patches make. */
function beforePooling(network: Network, stage: Stage): Stage {
  const layer = network.layers[stage.end - 1];
  if (stage.steps.at(-1)?.sums === undefined || layer === undefined) return stage;
  const { [layer.output]: _rows, ...rows } = stage.rows;
  const { [layer.output]: _columns, ...columns } = stage.columns;
  return { ...stage, end: stage.end - 1, output: layer.inputs[0] as string, rows, columns };
}

function casesOf(stage: Stage): readonly Case[] {
  const list: Case[] = [];
  for (const axis of ["rows", "columns"] as const) {
    for (const [map, { from, to }] of Object.entries(stage[axis])) {
      const other = stage[axis === "rows" ? "columns" : "rows"][map] as AxisParts;
      const isEmpty = other.to.every((end, i) => end === other.from[i]);
      if (map === stage.output || isEmpty) continue;
      from.forEach((start, patch) => {
        if ((to[patch] as number) > start) list.push({ stage, map, axis, patch });
      });
    }
  }
  return list;
}

function check(network: Network, { stage, map, axis, patch }: Case, seed: number): string | undefined {
  const from = (stage[axis][map] as AxisParts).from[patch] as number;
  const to = (stage[axis][map] as AxisParts).to[patch] as number;
  const made = stage[axis][stage.output] as AxisParts;
  const part = { start: made.from[patch] as number, end: made.to[patch] as number };
  const twin = stageFrom(positiveTwin(network, seed), stage, map);
  const inputs = positiveInputs(twin, seed);
  const size = twin.maps[map] as FeatureMap;
  const before = slab(twin, inputs, stage.output, axis, part);
  const changes = (touched: (position: number) => boolean): boolean => {
    const cells = raised(inputs[map] as Cells, size, axis, touched);
    const after = slab(twin, { ...inputs, [map]: cells }, stage.output, axis, part);
    return after.some((value, i) => value !== before[i]);
  };
  const where = `${axis} ${from} to ${to - 1} of "${map}" for patch ${patch}`;
  if (!hasHoles(network, stage, axis)) {
    if (!changes((position) => position === from)) return `${where}: the first is not needed`;
    if (!changes((position) => position === to - 1)) return `${where}: the last is not needed`;
  }
  if (changes((position) => position < from || position >= to)) return `${where}: something outside is needed`;
  return undefined;
}

/**
 * Does a layer of the stage pass over positions between those that it reads? Parts are intervals: where several layers do so, or padding
 * is cut off at the image's edge, one may begin or end with a position that no window reads.
 */
function hasHoles(network: Network, stage: Stage, axis: Axis): boolean {
  const i = axis === "rows" ? 0 : 1;
  return network.layers.slice(stage.first, stage.end).some((layer) => {
    // The parts of one map that stand in several places of a concatenation may have a gap between them.
    if (layer.kind === "concat") return layer.axis === i;
    if (!("kernel" in layer)) return false;
    return layer.dilations[i] > 1 || layer.strides[i] > (layer.kind === "convTranspose2d" ? 1 : layer.kernel[i]);
  });
}

/** The layers of a stage as a network that takes `map`, and all maps from outside, as inputs. */
function stageFrom(network: Network, stage: Stage, map: string): Network {
  const layers = network.layers.slice(stage.first, stage.end).filter(({ output }) => output !== map);
  const made = new Set(layers.map(({ output }) => output));
  const roots = (name: string): string => network.maps[name]?.viewOf ?? name;
  const outside = new Set(
    [map, ...layers.flatMap(({ inputs }) => inputs).map(roots)].filter((name) => !made.has(name)),
  );
  const port = (name: string): Port => {
    const { height, width, channels } = network.maps[name] as FeatureMap;
    return { name, map: name, shape: [1, height, width, channels], layout: "rowMajor", dtype: "float32" };
  };
  return { ...network, inputs: [...outside].map(port), outputs: [port(stage.output)], layers };
}

function positiveInputs(network: Network, seed: number): Readonly<Record<string, Cells>> {
  const uniform = uniformFrom(seed);
  return Object.fromEntries(
    network.inputs.map(({ name, map }) => [
      name,
      Float32Array.from({ length: cellCount(network.maps[map] as FeatureMap) }, () => 0.5 + uniform()),
    ]),
  );
}

/** A copy in which all cells at some positions of an axis are far larger. */
function raised(
  cells: Cells,
  { height, width, channels }: FeatureMap,
  axis: Axis,
  at: (position: number) => boolean,
): Cells {
  const copy = cells.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!at(axis === "rows" ? y : x)) continue;
      const start = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) copy[start + c] = (copy[start + c] as number) + 2 ** 20;
    }
  }
  return copy;
}

/** The cells of the output inside a part of one axis. */
function slab(
  network: Network,
  inputs: Readonly<Record<string, Cells>>,
  output: string,
  axis: Axis,
  part: { readonly start: number; readonly end: number },
): readonly number[] {
  const cells = runWhole(network, inputs, { kernels: typescriptKernels })[output]?.dataSync() as ArrayLike<number>;
  const { height, width, channels } = network.maps[output] as FeatureMap;
  const inside: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const position = axis === "rows" ? y : x;
      if (position < part.start || position >= part.end) continue;
      for (let c = 0; c < channels; c++) inside.push(cells[(y * width + x) * channels + c] as number);
    }
  }
  return inside;
}
