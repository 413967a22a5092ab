import type { AxisTable, LoadTable } from "./axisTable.ts";
import { type Slots, none } from "./slots.ts";

/** Takes the cost of the stage that begins at layer `first`. */
export type Visit = (first: number, peakBytes: number, macs: number, calls: number) => void;

/**
 * The costs of all stages that end at one layer, for one grid of more than one patch and one overlap mode, from the shortest to the
 * longest: the same numbers as `stageCosts`, but each layer more is a few additions, because what is stored of a map does not
 * depend on where the stage begins.
 *
 * What changes when a stage begins one layer earlier: one map more is made inside. Its part is alive until its last reader, which may
 * now be able to overwrite it.
 */
export class StageSweep {
  readonly #slots: Slots;
  readonly #lowest: number;
  readonly #end: number;
  /** By layer: bytes alive while it runs, without what is alive during the whole stage. */
  readonly #live: Float64Array;
  /** By layer: the most of `#live` from it on, additions without a step left out; known from `#stale` on. */
  readonly #mostFrom: Float64Array;
  #stale = 0;
  /** By map: bytes of its part, and whether that is alive during the whole stage. */
  readonly #bytes: Float64Array;
  readonly #isKept: Uint8Array;
  /** By layer: whether its output overwrites an operand, and whether it is an addition without a step of its own. */
  readonly #isOver: Uint8Array;
  readonly #isMerged: Uint8Array;
  #always = 0;
  #merges = 0;
  #rows!: AxisTable;
  #columns!: AxisTable;

  /** @param lowest where the longest stage begins that is legal */
  constructor(slots: Slots, lowest: number, end: number) {
    this.#slots = slots;
    this.#lowest = lowest;
    this.#end = end;
    this.#live = new Float64Array(slots.count);
    this.#mostFrom = new Float64Array(slots.count + 1);
    this.#bytes = new Float64Array(slots.last.length);
    this.#isKept = new Uint8Array(slots.last.length);
    this.#isOver = new Uint8Array(slots.count);
    this.#isMerged = new Uint8Array(slots.count);
  }

  run(rows: AxisTable, columns: AxisTable, visit: Visit): void {
    const slots = this.#slots;
    const patches = rows.count * columns.count;
    this.#rows = rows;
    this.#columns = columns;
    this.#always = 0;
    this.#merges = 0;
    this.#live.fill(0);
    this.#stale = this.#end;
    this.#bytes.fill(0);
    this.#isOver.fill(0);
    this.#isMerged.fill(0);
    let macs = 0;
    for (let first = this.#end - 1; first >= this.#lowest; first--) {
      this.#hold(first);
      for (const load of slots.loads[first] as readonly number[]) this.#load(load, first);
      const last = slots.last[first] as number;
      if (last > first && last < this.#end) this.#consider(last, first);
      macs += (slots.unit[first] as number) * (rows.work[first] as number) * (columns.work[first] as number);
      // A pooling at the end is never alone.
      if (first === this.#end - 1 && (slots.sumsBytes[first] as number) > 0) continue;
      const peakBytes = (slots.around[first] as number) + this.#always + this.#most(first);
      visit(first, peakBytes, macs, patches * (this.#end - first - this.#merges));
    }
  }

  /** The map that a layer makes, from now on inside. */
  #hold(slot: number): void {
    const slots = this.#slots;
    const [rows, columns] = [this.#rows, this.#columns];
    const sums = slots.sumsBytes[slot] as number;
    if (slot === this.#end - 1 && sums > 0) {
      // Sums all the time, and the output with the last patch.
      this.#always += sums;
      this.#put(slot, slots.mapBytes[slot] as number, { isKept: false, first: slot, last: slot, lines: 0 });
      return;
    }
    if (slot === this.#end - 1 && slots.needed[slot] === 1) {
      // The stage's output is written where it stays.
      const bytes = slots.mapBytes[slot] as number;
      this.#isKept[slot] = 1;
      this.#bytes[slot] = bytes;
      this.#always += bytes;
      return;
    }
    const cell = slots.cellBytes[slot] as number;
    const kept = rows.kept[slot] as number;
    this.#put(slot, (rows.stored[slot] as number) * (columns.stored[slot] as number) * cell, {
      isKept: (columns.kept[slot] as number) > 0 || (columns.count === 1 && kept > 0),
      first: slot,
      last: Math.max(slot, slots.last[slot] as number),
      lines: columns.count === 1 ? 0 : kept * (columns.end[slot] as number) * cell,
    });
  }

  /** A program input that is copied in, as far as the layers from `first` on read it. */
  #load(load: number, first: number): void {
    const slots = this.#slots;
    const readers = slots.readers[load] as readonly number[];
    const last = readers.findLast((reader) => reader < this.#end) as number;
    const before = readers.find((reader) => reader > first && reader < this.#end);
    const put = (begin: number, sign: 1 | -1): void => {
      const rows = this.#rows.load(load, begin).sizes;
      const columns = this.#columns.load(load, begin).sizes;
      const cell = sign * (slots.cellBytes[load] as number);
      this.#put(load, rows.stored * columns.stored * cell, {
        isKept: columns.kept > 0 || (this.#columns.count === 1 && rows.kept > 0),
        first: begin,
        last,
        lines: this.#columns.count === 1 ? 0 : rows.kept * columns.end * cell,
      });
    };
    if (before !== undefined) put(before, -1);
    put(first, 1);
    // Its part may have grown: whether it can be overwritten is asked again.
    this.#consider(last, first);
  }

  #put(
    map: number,
    bytes: number,
    { isKept, first, last, lines }: { isKept: boolean; first: number; last: number; lines: number },
  ): void {
    this.#isKept[map] = isKept ? 1 : 0;
    this.#bytes[map] = bytes;
    this.#always += lines;
    if (isKept) this.#always += bytes;
    else for (let slot = first; slot <= last; slot++) this.#change(slot, bytes);
  }

  /** Whether layer `slot` overwrites an operand, or is an addition that happens with the convolution before it: one more map is inside. */
  #consider(slot: number, first: number): void {
    if (slot > first && this.#slots.residual[slot - 1] !== none) {
      const isMerged = this.#canMerge(slot - 1, first) ? 1 : 0;
      if (isMerged !== this.#isMerged[slot]) {
        this.#isMerged[slot] = isMerged;
        this.#merges += isMerged === 1 ? 1 : -1;
        this.#change(slot, 0);
        // The convolution has no output of its own then.
        this.#change(slot - 1, (isMerged === 1 ? -1 : 1) * (this.#bytes[slot - 1] as number));
      }
    }
    const isOver = this.#canOverwrite(slot, first) ? 1 : 0;
    if (isOver === this.#isOver[slot]) return;
    this.#isOver[slot] = isOver;
    const { isDepthwise, numberBytes } = this.#slots;
    const scratch =
      isDepthwise[slot] === 1
        ? (this.#rows.fresh[slot] as number) * (this.#columns.fresh[slot] as number) * (numberBytes[slot] as number)
        : 0;
    this.#change(slot, (isOver === 1 ? -1 : 1) * ((this.#bytes[slot] as number) - scratch));
  }

  #change(slot: number, bytes: number): void {
    this.#live[slot] = (this.#live[slot] as number) + bytes;
    if (slot >= this.#stale) this.#stale = slot + 1;
  }

  #canMerge(convolution: number, first: number): boolean {
    const sum = convolution + 1;
    const residual = this.#slots.residual[convolution] as number;
    const bytes = this.#bytes[sum] as number;
    if (this.#isKept[sum] === 1 || bytes === 0 || !this.#isFree(residual, first)) return false;
    if (this.#bytes[residual] !== bytes) return false;
    if (residual >= this.#slots.count) return this.#isLoadAlike(residual, first);
    return this.#rows.residualAlike[convolution] === 1 && this.#columns.residualAlike[convolution] === 1;
  }

  #canOverwrite(slot: number, first: number): boolean {
    const bytes = this.#bytes[slot] as number;
    if (this.#isKept[slot] === 1 || bytes === 0) return false;
    const isDepthwise = this.#slots.isDepthwise[slot] === 1;
    const bits = (this.#rows.alike[slot] as number) & (this.#columns.alike[slot] as number);
    const operands = this.#slots.operands[slot] as readonly number[];
    return operands.some((operand, i) => {
      if (!this.#isFree(operand, first)) return false;
      if (isDepthwise) return bytes <= (this.#bytes[operand] as number);
      if (bytes !== this.#bytes[operand]) return false;
      return operand >= this.#slots.count ? this.#isLoadAlike(operand, first) : (bits & (1 << i)) !== 0;
    });
  }

  /** Whether a map has a part in the stage that is gone after its last reader. */
  #isFree(map: number, first: number): boolean {
    return (map >= first || map >= this.#slots.count) && this.#bytes[map] !== 0 && this.#isKept[map] === 0;
  }

  #isLoadAlike(load: number, first: number): boolean {
    const begin = this.#slots.readers[load]?.find((reader) => reader >= first) as number;
    const of = (axis: AxisTable): LoadTable => axis.load(load, begin);
    return of(this.#rows).alike && of(this.#columns).alike;
  }

  /** The most bytes of a layer from `first` on. Only what changed since the stage with one layer less is looked at again. */
  #most(first: number): number {
    for (let slot = this.#stale - 1; slot >= first; slot--) {
      const behind = this.#mostFrom[slot + 1] as number;
      const live = this.#isMerged[slot] === 0 ? (this.#live[slot] as number) : 0;
      this.#mostFrom[slot] = Math.max(live, behind);
    }
    this.#stale = first;
    return this.#mostFrom[first] as number;
  }
}
