import { type MapFacts, type NetworkFacts, numberBytes } from "../plan/facts.ts";
import type { PlanOptions } from "../plan/plan.ts";
import { runningSumBytes } from "../plan/pooledEnd.ts";
import { aliveAt, lastNeed } from "../plan/stageCost.ts";
import { overwritable, residualOf } from "../plan/takeOver.ts";

/** No map. */
export const none = -1;

/**
 * What the cost of stages asks of each layer, by its position: `stageCosts` as tables. Maps are meant by number, as in
 * `NetworkFacts.maps`: what layer i makes is i, program inputs come after all layers.
 */
export interface Slots {
  readonly count: number;
  /** Multiply-accumulates per unit of work. */
  readonly unit: Float64Array;
  /** By map: bytes of a cell, of one number, of the whole map. */
  readonly cellBytes: Float64Array;
  readonly numberBytes: Float64Array;
  readonly mapBytes: Float64Array;
  /** By map: the last layer that reads it, or -1. */
  readonly last: Int32Array;
  /** Whether anybody needs the output, so that it is stored whole if a stage makes it. */
  readonly needed: Uint8Array;
  /** Bytes of the whole maps in the arena around a stage that begins here and has more than one patch. */
  readonly around: Float64Array;
  /** Program inputs that the layer reads and that patches copy in. */
  readonly loads: readonly (readonly number[])[];
  /** By map: all layers that read it. */
  readonly readers: readonly (readonly number[])[];
  /** Operands that end here and that the layer's output may overwrite. */
  readonly operands: readonly (readonly number[])[];
  readonly isDepthwise: Uint8Array;
  /** Bytes of running sums of a global pooling at the end of a stage; 0 for other layers. */
  readonly sumsBytes: Float64Array;
  /** The other operand of the addition that may be carried out with this convolution, or `none`. */
  readonly residual: Int32Array;
}

export function slotsOf(facts: NetworkFacts, options: PlanOptions): Slots {
  const { layers, maps } = facts;
  const count = layers.length;
  const isLoad = (number: number): boolean => number >= count && options.input !== "resident";
  /** Maps that a stage can hold a part of. */
  const isPart = (number: number): boolean => number < count || isLoad(number);
  const endsAt = (number: number, slot: number): boolean => lastNeed(maps[number] as MapFacts, options) === slot;
  return {
    count,
    unit: Float64Array.from(layers, ({ unit }) => unit),
    cellBytes: Float64Array.from(maps, (map) => map.cellBytes),
    numberBytes: Float64Array.from(maps, ({ map }) => numberBytes(map.type)),
    mapBytes: Float64Array.from(maps, ({ bytes }) => bytes),
    last: Int32Array.from(maps, ({ lastReader }) => lastReader),
    needed: Uint8Array.from(maps, (map) => (lastNeed(map, options) >= 0 ? 1 : 0)),
    around: Float64Array.from(layers, (_, first) =>
      aliveAt(facts, first, options).reduce((sum, number) => sum + (maps[number] as MapFacts).bytes, 0),
    ),
    loads: layers.map(({ inputs }) => [...new Set(inputs)].filter(isLoad)),
    readers: maps.map(({ readers }) => readers),
    operands: layers.map((layer, slot) =>
      options.inPlace ? overwritable(layer).filter((number) => isPart(number) && endsAt(number, slot)) : [],
    ),
    isDepthwise: Uint8Array.from(layers, ({ layer }) => (layer.kind === "depthwiseConv2d" ? 1 : 0)),
    sumsBytes: Float64Array.from(layers, ({ layer, maps: { output } }) =>
      layer.kind === "globalPool" ? runningSumBytes * output.channels : 0,
    ),
    residual: Int32Array.from(layers, (_, slot) => {
      const number = options.accumulateIntoResidual ? residualOf(facts, slot) : undefined;
      return number !== undefined && isPart(number) && endsAt(number, slot + 1) ? number : none;
    }),
  };
}
