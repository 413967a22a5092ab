import { type Box, type Interval, interval } from "../base/interval.ts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import { type AxisWalk, layerAt, loadedParts, unclippedNeeds } from "./axisParts.ts";
import { walksOf } from "./choices.ts";
import { type NetworkFacts, factsOf } from "./facts.ts";
import { checkStage, endOf } from "./legal.ts";
import type { AxisParts, Grid, Overlap } from "./plan.ts";
import { boxedEnd } from "./pooledEnd.ts";

export interface PatchBoxesOptions {
  /** The first layer of the stage; default 0. */
  readonly first?: number;
  /** The map that the stage makes, or the number of layers before its end. */
  readonly split: string | number;
  readonly grid: Grid;
  /** Default recompute. */
  readonly overlap?: Overlap;
}

/** What a patch has of a map. */
export interface MapBox {
  /** Cells that are there while the patch is worked on; of a map from outside: cells that are read. */
  readonly stored: Box;
  /** Those of them that are computed (or copied in) for this patch; the others were kept from earlier patches. */
  readonly fresh: Box;
  /** What the patch alone needs if the image's edge is not seen: what reaches beyond is padding of the layers that read it. */
  readonly unclipped: Box;
}

/** One patch of a stage. */
export interface PatchBox {
  readonly row: number;
  readonly column: number;
  /** By map that the stage reads or makes. */
  readonly maps: Readonly<Record<string, MapBox>>;
}

/**
 * The box of every map that each patch works on, patches in row-major order.
 *
 * @throws PatchInferError ILLEGAL_SPLIT, GLOBAL_OP_IN_STAGE, GRID_TOO_FINE, OPTION
 */
export function patchBoxes(model: Model, options: PatchBoxesOptions): PatchBox[] {
  const { first = 0, split, grid, overlap = "recompute" } = options;
  const facts = factsOf(networkOf(model));
  const end = typeof split === "number" ? split : endOf(facts, split);
  const choice = { first, end, grid, overlap };
  checkStage(facts, choice);
  const walks = walksOf(facts, choice);
  const rows = intervalsOf(facts, walks.rows);
  const columns = intervalsOf(facts, walks.columns);
  return rows.flatMap((down, row) =>
    columns.map((across, column) => {
      const maps = [...down].map(([map, { stored, fresh, unclipped }]): [string, MapBox] => {
        const other = across.get(map) as AxisIntervals;
        return [
          map,
          {
            stored: { rows: stored, columns: other.stored },
            fresh: { rows: fresh, columns: other.fresh },
            unclipped: { rows: unclipped, columns: other.unclipped },
          },
        ];
      });
      return { row, column, maps: Object.fromEntries(maps) };
    }),
  );
}

interface AxisIntervals {
  readonly stored: Interval;
  readonly fresh: Interval;
  readonly unclipped: Interval;
}

/** By patch along one axis. */
function intervalsOf(facts: NetworkFacts, walk: AxisWalk): Map<string, AxisIntervals>[] {
  const { first, end, axis } = walk;
  const parts = new Map<string, AxisParts>();
  for (let index = first; index < end; index++) {
    const { layer, inputs, roots } = layerAt(facts, index);
    inputs.forEach((number, i) => {
      const name = roots[i] as string;
      if (!parts.has(name)) parts.set(name, loadedParts(facts, walk, number, first).parts);
    });
    parts.set(layer.output, walk.parts[index - first] as AxisParts);
  }
  const boxed = boxedEnd(facts, first, end);
  const output = parts.get(layerAt(facts, boxed - 1).layer.output) as AxisParts;
  return output.to.map((to, i) => {
    const unclipped = unclippedNeeds(facts, { first, end: boxed, axis, output: interval(output.from[i] ?? 0, to) });
    return new Map(
      [...parts].map(([name, own]): [string, AxisIntervals] => {
        const stored = interval(own.from[i] ?? 0, own.to[i] ?? 0);
        const fresh = interval(own.compute[i] ?? 0, own.to[i] ?? 0);
        return [name, { stored, fresh, unclipped: unclipped.get(name) ?? stored }];
      }),
    );
  });
}
