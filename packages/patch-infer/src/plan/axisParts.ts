import { type Interval, clip, empty, hull, interval, isEmpty, length } from "../base/interval.ts";
import { sizeOf } from "../layers/cells.ts";
import type { Axis } from "../layers/rule.ts";
import { ruleOf } from "../layers/rules.ts";
import { type LayerFacts, type NetworkFacts, mapOf } from "./facts.ts";
import type { AxisParts } from "./plan.ts";

/**
 * One axis of all maps that the layers up to `end` make, cut for `count` patches of what layer `end - 1` makes. A map's
 * parts depend on its readers alone, so they hold for every stage that ends here, wherever it begins.
 */
export interface AxisWalk {
  readonly axis: Axis;
  readonly end: number;
  readonly count: number;
  readonly cached: boolean;
  /** The first layer that was walked through: a stage begins here or later. */
  readonly first: number;
  /** By map that the layers `first`, …, `end - 1` make. */
  readonly parts: ReadonlyMap<string, AxisParts>;
  /** By layer `first`, …, `end - 1`: sum of the work of all patches. */
  readonly work: readonly number[];
  /** The same if nothing were clipped at the image's edge; where neighbours share, or nothing is cut, it is `work`. */
  readonly virtualWork: readonly number[];
}

/** Cuts `size` positions into `count` parts as equal as can be: part i is `[floor(i size / count), floor((i + 1) size / count))`. */
export function cut(size: number, count: number): Interval[] {
  return Array.from({ length: count }, (_, i) =>
    interval(Math.floor((i * size) / count), Math.floor(((i + 1) * size) / count)),
  );
}

/** Walks back from the output of layer `end - 1` to layer `first`. */
export function walkAxis(
  facts: NetworkFacts,
  { first, end, axis, count, cached }: { first: number; end: number; axis: Axis; count: number; cached: boolean },
): AxisWalk {
  const needs = new Map<string, Interval[]>();
  const parts = new Map<string, AxisParts>();
  const work: number[] = [];
  const output = outputOf(facts, end);
  needs.set(output, cut(sizeOf(mapOf(facts.network, output), axis), count));
  for (let index = end - 1; index >= first; index--) {
    const layer = layerAt(facts, index);
    const own = partsOf(needs.get(layer.layer.output) ?? nothing(count), cached);
    parts.set(layer.layer.output, own);
    const rule = ruleOf(layer.layer);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const part = fresh(own, i);
      if (!isEmpty(part)) sum += rule.work(layer.layer, axis, part);
    }
    work.unshift(sum);
    layer.layer.inputs.forEach((name, input) => {
      const demanded = demandOf(layer, input, axis, own);
      const known = needs.get(name);
      needs.set(name, known === undefined ? demanded : known.map((need, i) => hull(need, demanded[i] ?? empty)));
    });
  }
  const virtualWork = cached || count === 1 ? work : unclippedWork(facts, first, end, axis, count);
  return { axis, end, count, cached, first, parts, work, virtualWork };
}

/** By layer: the work of all patches, the image's edge unseen. */
function unclippedWork(facts: NetworkFacts, first: number, end: number, axis: Axis, count: number): number[] {
  const work = facts.layers.slice(first, end).map(() => 0);
  const sizes = new Map<number, number>();
  const output = outputOf(facts, end);
  for (const part of cut(sizeOf(mapOf(facts.network, output), axis), count)) {
    sizes.set(length(part), (sizes.get(length(part)) ?? 0) + 1);
  }
  // Unseen, patches of one size differ by where they are and nothing else.
  for (const [size, times] of sizes) {
    const needs = unclippedNeeds(facts, { first, end, axis, size });
    facts.layers.slice(first, end).forEach(({ layer }, i) => {
      const need = needs.get(layer.output) ?? empty;
      if (!isEmpty(need)) work[i] = (work[i] ?? 0) + times * ruleOf(layer).work(layer, axis, need);
    });
  }
  return work;
}

/** What `size` positions from 0 on of the output of layer `end - 1` need of each map, the image's edge unseen. */
export function unclippedNeeds(
  facts: NetworkFacts,
  { first, end, axis, size }: { first: number; end: number; axis: Axis; size: number },
): Map<string, Interval> {
  const needs = new Map([[outputOf(facts, end), interval(0, size)]]);
  for (let index = end - 1; index >= first; index--) {
    const { layer, maps } = layerAt(facts, index);
    const need = needs.get(layer.output) ?? empty;
    if (isEmpty(need)) continue;
    layer.inputs.forEach((name, input) => {
      const map = maps.inputs[input];
      const all = interval(0, map === undefined ? 0 : sizeOf(map, axis));
      const demanded = ruleOf(layer).demand(layer, input, axis, need, maps) ?? all;
      needs.set(name, hull(needs.get(name) ?? empty, demanded));
    });
  }
  return needs;
}

/**
 * One axis of a map from outside, as far as the layers from `first` on read it: for program inputs that are copied in part
 * by part.
 */
export function loadedParts(facts: NetworkFacts, walk: AxisWalk, map: string, first: number): AxisParts {
  const needs = nothing(walk.count);
  for (const index of facts.readers.get(map) ?? []) {
    if (index < first || index >= walk.end) continue;
    const layer = layerAt(facts, index);
    const own = walk.parts.get(layer.layer.output);
    layer.roots.forEach((root, input) => {
      if (root !== map || own === undefined) return;
      // Another view of the same bytes has other rows and columns: it takes them all.
      const all = interval(0, sizeOf(mapOf(facts.network, map), walk.axis));
      const demanded =
        layer.layer.inputs[input] === map ? demandOf(layer, input, walk.axis, own) : needs.map(() => all);
      demanded.forEach((part, i) => {
        needs[i] = hull(needs[i] ?? empty, part);
      });
    });
  }
  return partsOf(needs, walk.cached);
}

/** Rows or columns that are computed anew for patch i. */
export function fresh(parts: AxisParts, i: number): Interval {
  return interval(parts.compute[i] ?? 0, parts.to[i] ?? 0);
}

/** By patch: what input `input` of a layer must hold so that the new part of its output can be computed, inside the image. */
export function demandOf(layer: LayerFacts, input: number, axis: Axis, output: AxisParts): Interval[] {
  const map = layer.maps.inputs[input];
  const size = map === undefined ? 0 : sizeOf(map, axis);
  const rule = ruleOf(layer.layer);
  return output.to.map((_, i) => {
    const part = fresh(output, i);
    if (isEmpty(part)) return empty;
    const demanded = rule.demand(layer.layer, input, axis, part, layer.maps);
    return demanded === null ? interval(0, size) : clip(demanded, size);
  });
}

/** What is stored and what of it is computed, from what is needed. */
export function partsOf(needs: readonly Interval[], cached: boolean): AxisParts {
  if (!cached) {
    const from = needs.map((need) => need.start);
    return { from, compute: from, to: needs.map((need) => need.end) };
  }
  const from: number[] = [];
  const compute: number[] = [];
  const to: number[] = [];
  // Where the needs of this and all later patches begin. Everything from there on is computed once, also what only a later
  // patch asks for: no patch could make up for a gap.
  const starts: number[] = [];
  let start = Number.POSITIVE_INFINITY;
  for (let i = needs.length - 1; i >= 0; i--) {
    const need = needs[i] ?? empty;
    if (!isEmpty(need)) start = Math.min(start, need.start);
    starts[i] = start;
  }
  let done = 0;
  needs.forEach((need, i) => {
    const end = isEmpty(need) ? done : Math.max(done, need.end);
    const begin = starts[i] ?? end;
    const anew = Math.min(Math.max(begin, done), end);
    from.push(Math.min(begin, anew));
    compute.push(anew);
    to.push(end);
    done = end;
  });
  return { from, compute, to };
}

function nothing(count: number): Interval[] {
  return Array.from({ length: count }, () => empty);
}

export function layerAt(facts: NetworkFacts, index: number): LayerFacts {
  const layer = facts.layers[index];
  if (layer === undefined) throw new RangeError(`network "${facts.network.name}" has no layer ${index}`);
  return layer;
}

/** The map that a stage with this end makes. */
export function outputOf(facts: NetworkFacts, end: number): string {
  return layerAt(facts, end - 1).layer.output;
}
