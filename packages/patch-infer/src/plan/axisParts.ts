import { type Interval, clip, empty, hull, interval, isEmpty, length } from "../base/interval.ts";
import { sizeOf } from "../layers/cells.ts";
import type { Axis } from "../layers/rule.ts";
import { ruleOf } from "../layers/rules.ts";
import { type LayerFacts, type NetworkFacts, mapOf } from "./facts.ts";
import { type PartSizes, partSizes } from "./partSizes.ts";
import type { AxisParts } from "./plan.ts";
import { boxedEnd } from "./pooledEnd.ts";

/** Which axis of which layers is cut how. */
export interface AxisWalkOptions {
  /** A stage begins at this layer or later. */
  readonly first: number;
  readonly end: number;
  readonly axis: Axis;
  /** Patches along the axis. */
  readonly count: number;
  /** Whether a patch keeps what the next one needs. */
  readonly cached: boolean;
}

/**
 * One axis of all maps that the layers up to `end` make, cut for `count` patches of what layer `end - 1` makes, or of what it
 * reads if it is a pooling at the end of a stage. A map's parts depend on its readers alone, so they hold for every stage that ends
 * here, wherever it begins.
 */
export interface AxisWalk extends AxisWalkOptions {
  /** By layer `first`, …, `end - 1`: the parts of what it makes, and their sizes. */
  readonly parts: readonly AxisParts[];
  readonly sizes: readonly PartSizes[];
  /** By layer: sum of the work of all patches. */
  readonly work: readonly number[];
  /** The same if nothing were clipped at the image's edge; where neighbours share, or nothing is cut, it is `work`. */
  readonly virtualWork: readonly number[];
  /** Parts of program inputs by number and first reader, as far as they were asked for. */
  readonly loaded: Map<string, { readonly parts: AxisParts; readonly sizes: PartSizes }>;
}

/** Cuts `size` positions into `count` parts as equal as can be: part i is `[floor(i size / count), floor((i + 1) size / count))`. */
export function cut(size: number, count: number): Interval[] {
  return Array.from({ length: count }, (_, i) =>
    interval(Math.floor((i * size) / count), Math.floor(((i + 1) * size) / count)),
  );
}

/** Walks back from the output of layer `end - 1` (or from what a pooling at the end reads) to layer `first`. */
export function walkAxis(facts: NetworkFacts, options: AxisWalkOptions): AxisWalk {
  const { first, end, axis, count, cached } = options;
  const needs = new Map<string, Interval[]>();
  const parts: AxisParts[] = [];
  const work: number[] = [];
  const boxed = boxedEnd(facts, first, end);
  const output = outputOf(facts, boxed);
  needs.set(output, cut(sizeOf(mapOf(facts.network, output), axis), count));
  if (boxed < end) {
    parts.push(lastOnly(count));
    work.push(1);
  }
  for (let index = boxed - 1; index >= first; index--) {
    const layer = layerAt(facts, index);
    const own = partsOf(needs.get(layer.layer.output) ?? nothing(count), cached);
    const rule = ruleOf(layer.layer);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const part = fresh(own, i);
      if (!isEmpty(part)) sum += rule.work(layer.layer, axis, part);
    }
    parts.push(own);
    work.push(sum);
    layer.layer.inputs.forEach((name, input) => {
      const demanded = demandOf(layer, input, axis, own);
      const known = needs.get(name);
      needs.set(name, known === undefined ? demanded : known.map((need, i) => hull(need, demanded[i] ?? empty)));
    });
  }
  parts.reverse();
  work.reverse();
  const virtualWork = cached || count === 1 ? work : unclippedWork(facts, options);
  return { first, end, axis, count, cached, parts, sizes: parts.map(partSizes), work, virtualWork, loaded: new Map() };
}

/** The one cell of a pooling at the end: it is made with the last patch. */
function lastOnly(count: number): AxisParts {
  const from = Array.from({ length: count }, () => 0);
  return { from, compute: from, to: from.map((_, i) => (i === count - 1 ? 1 : 0)) };
}

/** By layer: the work of all patches, the image's edge unseen. */
function unclippedWork(facts: NetworkFacts, { first, end: whole, axis, count }: AxisWalkOptions): number[] {
  const end = boxedEnd(facts, first, whole);
  const layers = facts.layers.slice(first, end);
  const work = layers.map(() => 0);
  const times = new Map<number, number>();
  for (const part of cut(sizeOf(mapOf(facts.network, outputOf(facts, end)), axis), count)) {
    times.set(length(part), (times.get(length(part)) ?? 0) + 1);
  }
  // Unseen edges make all patches of one size alike but for their place.
  for (const [size, patches] of times) {
    const needs = unclippedNeeds(facts, { first, end, axis, output: interval(0, size) });
    layers.forEach(({ layer }, i) => {
      const need = needs.get(layer.output) ?? empty;
      if (!isEmpty(need)) work[i] = (work[i] ?? 0) + patches * ruleOf(layer).work(layer, axis, need);
    });
  }
  if (end < whole) work.push(1);
  return work;
}

/** What positions of the output of layer `end - 1` need of each map that the layers from `first` on read, the image's edge unseen. */
export function unclippedNeeds(
  facts: NetworkFacts,
  { first, end, axis, output }: { first: number; end: number; axis: Axis; output: Interval },
): Map<string, Interval> {
  const needs = new Map([[outputOf(facts, end), output]]);
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
 * One axis of a program input (by its number), as far as layers from `first` on read it: for inputs that are copied in part
 * by part. No layer of the walk before `first` may be asked for.
 */
export function loadedParts(
  facts: NetworkFacts,
  walk: AxisWalk,
  input: number,
  first: number,
): { readonly parts: AxisParts; readonly sizes: PartSizes } {
  const { map, readers = [] } = facts.maps[input] ?? {};
  const inside = readers.filter((reader) => reader >= first && reader < walk.end);
  const key = `${input} ${inside[0]}`;
  const known = walk.loaded.get(key);
  if (known !== undefined) return known;
  const needs = nothing(walk.count);
  for (const index of inside) {
    const layer = layerAt(facts, index);
    const own = walk.parts[index - walk.first];
    layer.inputs.forEach((number, i) => {
      if (number !== input || own === undefined || map === undefined) return;
      // Another view of the same bytes has other rows and columns: it takes them all.
      const all = interval(0, sizeOf(map, walk.axis));
      const demanded = layer.maps.inputs[i] === map ? demandOf(layer, i, walk.axis, own) : needs.map(() => all);
      demanded.forEach((part, patch) => {
        needs[patch] = hull(needs[patch] ?? empty, part);
      });
    });
  }
  const parts = partsOf(needs, walk.cached);
  const made = { parts, sizes: partSizes(parts) };
  walk.loaded.set(key, made);
  return made;
}

/** What patch i computes anew. */
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
