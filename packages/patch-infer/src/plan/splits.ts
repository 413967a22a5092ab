import { type Model, networkOf } from "../lower/networkOf.ts";
import { layerAt } from "./axisParts.ts";
import { type NetworkFacts, factsOf, mapBytes } from "./facts.ts";
import { lowestFirst } from "./legal.ts";

/** Where a stage that begins at the input may end. */
export interface SplitPoint {
  /** Layers before the split; what `planPatches` takes as `split`, as it takes the map. */
  readonly end: number;
  /** The layer that makes the map. */
  readonly layer: string;
  readonly map: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly bytes: number;
}

/** All stages with one end: they may begin at layer `lowest` or any later one. */
export interface StageRange {
  readonly lowest: number;
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
      return { end, layer: layer.name, map: layer.output, height, width, channels, bytes: mapBytes(maps.output) };
    });
}

/** All legal stages, by end. */
export function legalStages(model: Model): StageRange[] {
  return stageRanges(factsOf(networkOf(model)));
}

function stageRanges(facts: NetworkFacts): StageRange[] {
  return facts.layers
    .map(({ index }) => ({ lowest: lowestFirst(facts, index + 1), end: index + 1 }))
    .filter(({ lowest, end }) => lowest < end);
}
