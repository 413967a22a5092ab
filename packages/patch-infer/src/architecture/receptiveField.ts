import { type Interval, hull, length } from "../base/interval.ts";
import type { Axis } from "../layers/rule.ts";
import { ruleOf } from "../layers/rules.ts";
import type { Network } from "../network/network.ts";
import { type LayerFacts, factsOf } from "../plan/facts.ts";

/** Rows and columns of the input that one cell depends on, padding included. */
export interface FieldSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * The last layer from which one can walk back to the inputs through spatially local layers only: what comes after it (a mean over
 * all cells) sees the whole image anyway.
 */
export function lastLocalLayer(network: Network): number {
  const { layers } = factsOf(network);
  const end = layers.findIndex(({ local }) => !local);
  return (end < 0 ? layers.length : end) - 1;
}

/** The receptive field of one cell of what layer `last` makes. */
export function fieldOf(network: Network, last: number): FieldSize {
  const { layers } = factsOf(network);
  return { rows: along(network, layers, last, "rows"), columns: along(network, layers, last, "columns") };
}

function along(network: Network, layers: readonly LayerFacts[], last: number, axis: Axis): number {
  const needs = new Map<string, Interval>([[layers[last]?.layer.output ?? "", { start: 0, end: 1 }]]);
  for (let index = last; index >= 0; index--) {
    const { layer, maps, roots } = layers[index] as LayerFacts;
    const need = needs.get(layer.output);
    if (need === undefined) continue;
    const rule = ruleOf(layer);
    roots.forEach((root, input) => {
      const demanded = rule.demand(layer, input, axis, need, maps);
      if (demanded === null) return;
      const known = needs.get(root);
      needs.set(root, known === undefined ? demanded : hull(known, demanded));
    });
  }
  return Math.max(0, ...network.inputs.map(({ map }) => length(needs.get(map) ?? { start: 0, end: 0 })));
}
