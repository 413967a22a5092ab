import { type Interval, isEmpty } from "../../base/interval.ts";
import { mapsOf } from "../../layers/rules.ts";
import type { Layer } from "../../network/layer.ts";
import type { FeatureMap, Network } from "../../network/network.ts";
import type { AxisParts, Stage } from "../../plan/plan.ts";
import { writeLayer } from "./table.ts";
import type { GraphWriter, Part } from "./writer.ts";

/** What patch i of an axis stores, and what of it is new. */
function stored({ from, to }: AxisParts, i: number): Interval {
  return { start: from[i] as number, end: to[i] as number };
}

function fresh({ compute, to }: AxisParts, i: number): Interval {
  return { start: compute[i] as number, end: to[i] as number };
}

/**
 * Writes a stage patch by patch. What a patch keeps for the next ones is a slice of what it stores. A pooling over all patches
 * is written once behind them, over the parts put together: partial sums of codes would be rounded each.
 *
 * @param whole the value of a map from outside of the stage.
 * @returns the value of the stage's output.
 */
export function writeStage(network: Network, stage: Stage, writer: GraphWriter, whole: (map: string) => Part): string {
  const pooling = stage.steps.at(-1)?.sums === undefined ? undefined : (network.layers[stage.end - 1] as Layer);
  const layers = network.layers.slice(stage.first, pooling === undefined ? stage.end : stage.end - 1);
  const cut = pooling === undefined ? stage.output : (pooling.inputs[0] as string);
  const made = new Set(layers.map(({ output }) => output));
  const { rows: rowCount, columns: columnCount } = stage.grid;
  // Parts of each map by patch, row-major.
  const parts = new Map<string, (Part | undefined)[]>([...made].map((map) => [map, []]));
  const axes = (map: string): { rows: AxisParts; columns: AxisParts } => ({
    rows: stage.rows[map] as AxisParts,
    columns: stage.columns[map] as AxisParts,
  });
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      const patch = row * columnCount + column;
      for (const layer of layers) {
        const own = parts.get(layer.output) as (Part | undefined)[];
        const { rows, columns } = axes(layer.output);
        const box = { rows: fresh(rows, row), columns: fresh(columns, column) };
        const anew = isEmpty(box.rows) || isEmpty(box.columns) ? undefined : compute(layer, box);
        const above = row > 0 ? own[patch - columnCount] : undefined;
        const left = column > 0 ? own[patch - 1] : undefined;
        own[patch] = join(writer, { rows: stored(rows, row), columns: stored(columns, column) }, box, {
          anew,
          above,
          left,
        });
        function compute(current: Layer, { rows: r, columns: c }: { rows: Interval; columns: Interval }): string {
          const read = (input: number): Part => {
            const name = current.inputs[input] as string;
            return made.has(name) ? (parts.get(name)?.[patch] as Part) : whole(name);
          };
          return writeLayer(current, { writer, maps: mapsOf(network, current), rows: r, columns: c, read });
        }
      }
    }
  }
  const output = parts.get(cut) as Part[];
  const strips = Array.from({ length: rowCount }, (_, row) =>
    writer.concat(
      output.slice(row * columnCount, (row + 1) * columnCount).map(({ value }) => value),
      3,
    ),
  );
  const value = writer.concat(strips, 2);
  if (pooling === undefined) return value;
  const maps = mapsOf(network, pooling);
  const { height, width } = maps.inputs[0] as FeatureMap;
  const part = { value, rows: { start: 0, end: height }, columns: { start: 0, end: width } };
  const one = { start: 0, end: 1 };
  return writeLayer(pooling, { writer, maps, rows: one, columns: one, read: () => part });
}

interface Pieces {
  readonly anew: string | undefined;
  readonly above: Part | undefined;
  readonly left: Part | undefined;
}

/** What a patch stores of a map: kept columns on the left, in the others kept rows above what is new. */
function join(
  writer: GraphWriter,
  all: { readonly rows: Interval; readonly columns: Interval },
  box: { readonly rows: Interval; readonly columns: Interval },
  { anew, above, left }: Pieces,
): Part | undefined {
  if (isEmpty(all.rows) || isEmpty(all.columns)) return undefined;
  const keptRows = { start: all.rows.start, end: box.rows.start };
  const keptColumns = { start: all.columns.start, end: box.columns.start };
  const columns: string[] = [];
  if (!isEmpty(keptColumns) && left !== undefined) {
    columns.push(writer.slice(left, { rows: all.rows, columns: keptColumns }));
  }
  const down: string[] = [];
  if (!isEmpty(keptRows) && !isEmpty(box.columns) && above !== undefined) {
    down.push(writer.slice(above, { rows: keptRows, columns: box.columns }));
  }
  if (anew !== undefined) down.push(anew);
  if (down.length > 0) columns.push(writer.concat(down, 2));
  return { value: writer.concat(columns, 3), ...all };
}
