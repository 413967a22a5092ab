import { type Model, networkOf } from "../lower/networkOf.ts";
import { layerAt } from "./axisParts.ts";
import { type NetworkFacts, factsOf, mapBytes } from "./facts.ts";
import { beginnings } from "./legal.ts";
import { cutMapOf } from "./pooledEnd.ts";

/** Where a stage that begins at the input may end. */
export interface SplitPoint {
  /** Layers before the split; what `planPatches` takes as `split`, as it takes the map. */
  readonly end: number;
  /** The layer that makes the map. */
  readonly layer: string;
  readonly map: string;
  /** The map that a grid cuts: `map`, or what a global pooling at the end reads. */
  readonly cut: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly bytes: number;
}

/** All stages with one end: they may begin at layer `lowest`, `latest` or any between. */
export interface StageRange {
  readonly lowest: number;
  /** `end - 1`, but for stages that end with a global pooling, which is never alone. */
  readonly latest: number;
  readonly end: number;
}

/** All splits after which layers go patch by patch from the input: the map is all that later layers read. */
export function legalSplits(model: Model): SplitPoint[] {
  const facts = factsOf(networkOf(model));
  return stageRanges(facts)
    .filter(({ lowest }) => lowest === 0)
    .map(({ end }) => {
      const { layer, maps } = layerAt(facts, end - 1);
      const { height, width, channels } = maps.output;
      const cut = cutMapOf(facts, 0, end).name;
      return { end, layer: layer.name, map: layer.output, cut, height, width, channels, bytes: mapBytes(maps.output) };
    });
}

/** All legal stages, by end. */
export function legalStages(model: Model): StageRange[] {
  return stageRanges(factsOf(networkOf(model)));
}

function stageRanges(facts: NetworkFacts): StageRange[] {
  return facts.layers.flatMap(({ index }) => {
    const found = beginnings(facts, index + 1);
    return found === undefined ? [] : [{ ...found, end: index + 1 }];
  });
}
