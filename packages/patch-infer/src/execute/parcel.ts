import type { FeatureMap } from "../network/network.ts";
import { type Cells, newCells } from "./cells.ts";
import { type MovingBox, movingBox } from "./inputs.ts";
import type { Place } from "./schedule.ts";

/** A part that is handed to or taken from a function: its box, and its cells without gaps. */
export class Parcel {
  readonly box: MovingBox = movingBox();
  readonly #store: Cells;
  /** Views of the first cells of the store; parts come in few sizes. */
  readonly #views = new Map<number, Cells>();

  constructor(type: FeatureMap["type"], cells: number) {
    this.#store = newCells(type, cells);
  }

  cells(count: number): Cells {
    let view = this.#views.get(count);
    if (view === undefined) {
      view = this.#store.subarray(0, count);
      this.#views.set(count, view);
    }
    return view;
  }

  /** The box becomes what is new of the map in a patch; gives its cells. */
  part({ map, rows, columns }: Place, row: number, column: number): Cells {
    const { box } = this;
    box.rows.start = rows?.compute[row] as number;
    box.rows.end = rows?.to[row] as number;
    box.columns.start = columns?.compute[column] as number;
    box.columns.end = columns?.to[column] as number;
    return this.cells((box.rows.end - box.rows.start) * (box.columns.end - box.columns.start) * map.channels);
  }
}
