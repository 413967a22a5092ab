import { PatchInferError } from "../base/errors.ts";
import { layerAt, outputOf } from "./axisParts.ts";
import { type NetworkFacts, lastReader } from "./facts.ts";
import type { Grid, Overlap } from "./plan.ts";
import { cutMapOf, isPooledEnd, needsWholeRows } from "./pooledEnd.ts";

/** All ways to deal with what neighbouring patches both need. */
export const overlaps: readonly Overlap[] = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"];

/** Why the layers `first`, …, `end - 1` cannot run patch by patch: undefined when they can. */
export function stageFault(facts: NetworkFacts, first: number, end: number): PatchInferError | undefined {
  const output = outputOf(facts, end);
  for (const index of inQuestion(facts, first, end)) {
    const { layer, local, roots } = layerAt(facts, index);
    const at = { layer: layer.name, index };
    if (!local && !(index === end - 1 && isPooledEnd(facts, first, end))) {
      const text = `layer "${layer.name}" (${layer.kind}) needs its whole input: ${layer.kind === "globalPool" ? "a stage can only end with it, behind the layer that makes its input" : "no stage can hold it"}`;
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

/** The most patches that a stage can have along each axis. */
export function finestGrid(facts: NetworkFacts, first: number, end: number, overlap: Overlap): Grid {
  const { height, width } = cutMapOf(facts, first, end);
  const isFull = overlap === "cacheRows" || needsWholeRows(facts, first, end);
  return { rows: height, columns: isFull ? 1 : width };
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
  const map = cutMapOf(facts, first, end);
  if (grid.rows > map.height || grid.columns > map.width) {
    const text = `${grid.rows} x ${grid.columns} patches of "${map.name}", which has ${map.height} x ${map.width} cells`;
    throw new PatchInferError("GRID_TOO_FINE", text);
  }
  if (grid.columns !== 1 && needsWholeRows(facts, first, end)) {
    const text = `float32 sums are made row by row, so the patches of "${map.name}" before a pooling are as wide as it is, not ${grid.columns} beside each other`;
    throw new PatchInferError("GRID_TOO_FINE", text);
  }
  if (overlap === "cacheRows" && grid.columns !== 1) {
    const text = `cacheRows keeps whole rows, so its patches are as wide as the image, not ${grid.columns} beside each other`;
    throw new PatchInferError("GRID_TOO_FINE", text);
  }
}

/**
 * Where stages up to `end` may begin: at layer `lowest`, `latest` or any between, none before or after them. A pooling at the end is
 * never alone in its stage. Undefined when layer `end - 1` can be the last of no stage.
 */
export function beginnings(
  facts: NetworkFacts,
  end: number,
): { readonly lowest: number; readonly latest: number } | undefined {
  const latest = isPooledEnd(facts, end - 2, end) ? end - 2 : end - 1;
  let lowest = latest + 1;
  while (lowest > 0 && stageFault(facts, lowest - 1, end) === undefined) lowest--;
  return lowest > latest ? undefined : { lowest, latest };
}
