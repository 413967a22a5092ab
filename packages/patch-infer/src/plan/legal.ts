import { PatchInferError } from "../base/errors.ts";
import { layerAt, outputOf } from "./axisParts.ts";
import { type NetworkFacts, lastReader, mapOf } from "./facts.ts";
import type { Grid, Overlap } from "./plan.ts";

/** All ways to deal with what neighbouring patches both need. */
export const overlaps: readonly Overlap[] = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"];

/** Why the layers `first`, …, `end - 1` cannot run patch by patch: undefined when they can. */
export function stageFault(facts: NetworkFacts, first: number, end: number): PatchInferError | undefined {
  const output = outputOf(facts, end);
  for (const index of inQuestion(facts, first, end)) {
    const { layer, local, roots } = layerAt(facts, index);
    const at = { layer: layer.name, index };
    if (!local) {
      const text = `layer "${layer.name}" (${layer.kind}) needs its whole input: no stage can hold it`;
      return new PatchInferError("GLOBAL_OP_IN_STAGE", text, at);
    }
    for (const [i, root] of roots.entries()) {
      const made = facts.producer.get(root) ?? -1;
      if (layer.inputs[i] === root || (made >= 0 && made < first)) continue;
      const text = `layer "${layer.name}" sees "${root}" with other dimensions, which needs all of it`;
      return new PatchInferError("ILLEGAL_SPLIT", text, at);
    }
    if (layer.output === output) continue;
    const last = lastReader(facts, layer.output);
    if (last >= 0 && last < end && !facts.given.has(layer.output)) continue;
    const text = `a stage of the layers ${first} to ${end - 1} makes "${layer.output}" and "${output}", and both are used after it`;
    return new PatchInferError("ILLEGAL_SPLIT", text, at);
  }
  legalFrom(facts).set(end, first);
  return undefined;
}

const known = new WeakMap<NetworkFacts, Map<number, number>>();

/** By end: the beginning of the stage that was last found to be legal. */
function legalFrom(facts: NetworkFacts): Map<number, number> {
  const found = known.get(facts) ?? new Map<number, number>();
  known.set(facts, found);
  return found;
}

/**
 * Layers that may keep a stage from being legal: all of it, but where it is a legal one with one layer more at its beginning (stages are
 * asked for from short to long) that layer and those that read what it makes.
 */
function inQuestion(facts: NetworkFacts, first: number, end: number): readonly number[] {
  if (legalFrom(facts).get(end) !== first + 1) return Array.from({ length: end - first }, (_, i) => first + i);
  return [first, ...(facts.maps[first]?.readers ?? []).filter((reader) => reader < end)];
}

/** The end of the stage that makes a map. @throws PatchInferError ILLEGAL_SPLIT when no layer makes it */
export function endOf(facts: NetworkFacts, map: string): number {
  const made = facts.producer.get(facts.network.maps[map]?.viewOf ?? map) ?? -1;
  if (made < 0) throw new PatchInferError("ILLEGAL_SPLIT", `no layer makes a map "${map}"`);
  return made + 1;
}

/** @throws PatchInferError ILLEGAL_SPLIT */
export function checkRange(facts: NetworkFacts, first: number, end: number): void {
  const count = facts.layers.length;
  if (Number.isInteger(first) && Number.isInteger(end) && first >= 0 && end <= count && first < end) return;
  const text = `a stage of the layers from ${first} to before ${end}: the network has ${count}, and a stage at least one`;
  throw new PatchInferError("ILLEGAL_SPLIT", text);
}

/** @throws PatchInferError ILLEGAL_SPLIT, GLOBAL_OP_IN_STAGE, GRID_TOO_FINE, OPTION */
export function checkStage(
  facts: NetworkFacts,
  { first, end, grid, overlap }: { first: number; end: number; grid: Grid; overlap: Overlap },
): void {
  checkRange(facts, first, end);
  for (const [name, value] of [
    ["rows", grid.rows],
    ["columns", grid.columns],
  ] as const) {
    if (!Number.isInteger(value) || value < 1) {
      throw new PatchInferError("OPTION", `grid.${name} is ${value}, not a whole number of at least 1`);
    }
  }
  if (!overlaps.includes(overlap)) {
    throw new PatchInferError("OPTION", `overlap is ${String(overlap)}, not one of ${overlaps.join(", ")}`);
  }
  const patches = grid.rows * grid.columns;
  const fault = patches === 1 && end - first === 1 ? undefined : stageFault(facts, first, end);
  if (fault !== undefined) throw fault;
  const map = mapOf(facts.network, outputOf(facts, end));
  if (grid.rows > map.height || grid.columns > map.width) {
    const text = `${grid.rows} x ${grid.columns} patches of "${map.name}", which has ${map.height} x ${map.width} cells`;
    throw new PatchInferError("GRID_TOO_FINE", text);
  }
  if (overlap === "cacheRows" && grid.columns !== 1) {
    const text = `cacheRows keeps whole rows, so its patches are as wide as the image, not ${grid.columns} beside each other`;
    throw new PatchInferError("GRID_TOO_FINE", text);
  }
}

/**
 * The first layer from which a stage up to `end` may begin: every later one is legal too, none before it. `end` itself when layer
 * `end - 1` can be in no stage.
 */
export function lowestFirst(facts: NetworkFacts, end: number): number {
  let first = end;
  while (first > 0 && stageFault(facts, first - 1, end) === undefined) first--;
  return first;
}
