import { type AxisWalk, loadedParts } from "../plan/axisParts.ts";
import type { NetworkFacts } from "../plan/facts.ts";
import { type PartSizes, sameParts } from "../plan/partSizes.ts";
import type { AxisParts } from "../plan/plan.ts";
import { type Slots, none } from "./slots.ts";

/** One axis of a stage that ends at some layer, cut in one way: what its buffers and its work are made of, by layer. */
export interface AxisTable {
  readonly count: number;
  /** Of the layer's output, as in `PartSizes`. */
  readonly stored: Float64Array;
  readonly fresh: Float64Array;
  readonly kept: Float64Array;
  readonly end: Float64Array;
  readonly work: Float64Array;
  /** Whether operand i of `slots.operands`, if it is made inside, is stored as the layer's output is: bit i. */
  readonly alike: Uint8Array;
  /** By convolution: whether its residual, if it is made inside, is stored as the sum is. */
  readonly residualAlike: Uint8Array;
  /** What a stage that begins at layer `first` stores of a program input. */
  load(number: number, first: number): LoadTable;
}

export interface LoadTable {
  readonly sizes: PartSizes;
  /** Whether the last layer that reads it stores its output alike. */
  readonly alike: boolean;
}

export function axisTable(facts: NetworkFacts, slots: Slots, walk: AxisWalk): AxisTable {
  const { first, end } = walk;
  const column = (value: (i: number) => number): Float64Array => {
    const values = new Float64Array(slots.count);
    for (let slot = first; slot < end; slot++) values[slot] = value(slot - first);
    return values;
  };
  const of = (key: keyof PartSizes): Float64Array => column((i) => (walk.sizes[i] as PartSizes)[key]);
  const partsAt = (slot: number): AxisParts => walk.parts[slot - first] as AxisParts;
  const isAlike = (number: number, slot: number): boolean =>
    number >= first && number < end && slot < end && sameParts(partsAt(number), partsAt(slot));
  const alike = new Uint8Array(slots.count);
  const residualAlike = new Uint8Array(slots.count);
  for (let slot = first; slot < end; slot++) {
    alike[slot] = (slots.operands[slot] as readonly number[]).reduce(
      (bits, number, i) => (isAlike(number, slot) ? bits | (1 << i) : bits),
      0,
    );
    const residual = slots.residual[slot] as number;
    if (residual !== none && isAlike(residual, slot + 1)) residualAlike[slot] = 1;
  }
  const loads = new Map<string, LoadTable>();
  return {
    count: walk.count,
    stored: of("stored"),
    fresh: of("fresh"),
    kept: of("kept"),
    end: of("end"),
    work: column((i) => walk.work[i] as number),
    alike,
    residualAlike,
    load: (number, begin) => {
      const key = `${number} ${begin}`;
      const known = loads.get(key);
      if (known !== undefined) return known;
      const { parts, sizes } = loadedParts(facts, walk, number, begin);
      const last = slots.last[number] as number;
      const made = { sizes, alike: last < end && sameParts(parts, partsAt(last)) };
      loads.set(key, made);
      return made;
    },
  };
}
