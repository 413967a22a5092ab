import { type IndexArray, indexArray } from "../formats/parts.ts";

/**
 * How the kernels read a matrix of weights: four outputs at a time, in steps of four weights.
 *
 * - `dense`: every input in turn, for all four outputs.
 * - `blocks`: the inputs that at least one of the four outputs uses (BCSR with 4 x 1 blocks).
 * - `sliced`: every output its own inputs; outputs with about as many of them share a group (sliced ELLPACK). The shorter
 *   ones are filled up with weights 0.
 */
export type LayoutName = "dense" | "blocks" | "sliced";

/** A matrix of weights as the kernels read it. Plain data. */
export interface Layout {
  readonly name: LayoutName;
  readonly outputs: number;
  readonly inputs: number;
  /** Per group, and one more: its first step. */
  readonly starts: Uint32Array;
  /** Per group and slot: the output; `outputs` where the last group has none. */
  readonly rows: Uint32Array;
  /** Four for each step. */
  readonly values: Float32Array;
  /**
   * Inputs of the weights, times four (bytes of a float): four for each step (sliced), one (blocks) or none (dense), rising
   * within an output. 16 bits wide for up to 16,384 elements. A dense layout has them only where inputs stand apart.
   */
  readonly index: IndexArray;
}

/** Weights by output: `values[output * inputs + input]`. */
export interface WeightMatrix {
  readonly outputs: number;
  readonly inputs: number;
  readonly values: Float32Array;
  /** Where inputs stand, counted in elements and rising. Default: one after the other. */
  readonly offsets?: Uint32Array;
}

/** The layout of this name. */
export function layoutOf(name: LayoutName, matrix: WeightMatrix): Layout {
  return { dense: denseLayout, blocks: blocksLayout, sliced: slicedLayout }[name](matrix);
}

/** Every weight, zeros too. */
export function denseLayout(matrix: WeightMatrix): Layout {
  const { outputs, inputs, offsets } = matrix;
  if (offsets !== undefined) return { ...blocksLayout(matrix, true), name: "dense" };
  const groups = Math.ceil(outputs / 4);
  return {
    ...common("dense", matrix),
    starts: Uint32Array.from({ length: groups + 1 }, (_, group) => group * inputs),
    rows: rowsInOrder(outputs),
    values: blockValues(matrix, () => Array.from({ length: inputs }, (_, input) => input)),
    index: new Uint16Array(0),
  };
}

/**
 * Blocks of four outputs and one input.
 *
 * @param every keep blocks of zeros too: a dense matrix with its inputs spelled out.
 */
export function blocksLayout(matrix: WeightMatrix, every = false): Layout {
  const { outputs, inputs, values } = matrix;
  const groups = Math.ceil(outputs / 4);
  const used = Array.from({ length: groups }, (_, group) => {
    const list: number[] = [];
    for (let input = 0; input < inputs; input++) {
      let any = every;
      for (let output = 4 * group; output < Math.min(outputs, 4 * group + 4); output++) {
        any ||= values[output * inputs + input] !== 0;
      }
      if (any) list.push(input);
    }
    return list;
  });
  const starts = runningTotals(used.map((list) => list.length));
  const index = indexArray(4 * extent(matrix), starts[groups] as number);
  used.forEach((list, group) =>
    index.set(
      list.map((input) => 4 * place(matrix, input)),
      starts[group] as number,
    ),
  );
  const stored = blockValues(matrix, (group) => used[group] as number[]);
  return { ...common("blocks", matrix), starts, rows: rowsInOrder(outputs), values: stored, index };
}

/** Every output its own inputs. */
export function slicedLayout(matrix: WeightMatrix): Layout {
  const { outputs, inputs, values } = matrix;
  const used = Array.from({ length: outputs }, (_, output) => {
    const list: number[] = [];
    for (let input = 0; input < inputs; input++) if (values[output * inputs + input] !== 0) list.push(input);
    return list;
  });
  // Longest first, so that the four of a group differ little; equals by number.
  const order = used.map((_, output) => output).sort((a, b) => lengthOf(used[b]) - lengthOf(used[a]) || a - b);
  const groups = Math.ceil(outputs / 4);
  const starts = runningTotals(
    Array.from({ length: groups }, (_, group) => lengthOf(used[order[4 * group] as number])),
  );
  const steps = starts[groups] as number;
  const rows = new Uint32Array(4 * groups).fill(outputs);
  const stored = new Float32Array(4 * steps);
  const index = indexArray(4 * extent(matrix), 4 * steps);
  order.forEach((output, slot) => {
    const list = used[output] as number[];
    const group = slot >> 2;
    rows[slot] = output;
    const begin = starts[group] as number;
    const length = (starts[group + 1] as number) - begin;
    for (let step = 0; step < length; step++) {
      const at = 4 * (begin + step) + (slot & 3);
      // Filling repeats an input of the output itself, so that it reads nothing that the output does not read anyway.
      index[at] = 4 * place(matrix, list[Math.min(step, list.length - 1)] ?? 0);
      if (step < list.length) stored[at] = values[output * inputs + (list[step] as number)] as number;
    }
  });
  return { ...common("sliced", matrix), starts, rows, values: stored, index };
}

/** Bytes of the arrays of a layout. */
export function layoutBytes({ starts, rows, values, index }: Layout): number {
  return starts.byteLength + rows.byteLength + values.byteLength + index.byteLength;
}

function common<N extends LayoutName>(
  name: N,
  { outputs, inputs }: WeightMatrix,
): Pick<Layout, "outputs" | "inputs"> & { name: N } {
  return { name, outputs, inputs };
}

function place({ offsets }: WeightMatrix, input: number): number {
  return offsets === undefined ? input : (offsets[input] as number);
}

/** More than the place of every input. */
function extent({ inputs, offsets }: WeightMatrix): number {
  return offsets === undefined ? inputs : (offsets[inputs - 1] ?? 0) + 1;
}

function lengthOf(list: readonly number[] | undefined): number {
  return list?.length ?? 0;
}

function rowsInOrder(outputs: number): Uint32Array {
  return Uint32Array.from({ length: 4 * Math.ceil(outputs / 4) }, (_, slot) => Math.min(slot, outputs));
}

function runningTotals(lengths: readonly number[]): Uint32Array {
  const totals = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    totals[i + 1] = (totals[i] as number) + length;
  });
  return totals;
}

/** The weights of the inputs of each group, four outputs side by side. */
function blockValues(
  { outputs, inputs, values }: WeightMatrix,
  inputsOf: (group: number) => readonly number[],
): Float32Array {
  const lists = Array.from({ length: Math.ceil(outputs / 4) }, (_, group) => inputsOf(group));
  const stored = new Float32Array(4 * lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  lists.forEach((list, group) => {
    for (const input of list) {
      for (let slot = 0; slot < 4; slot++, at++) {
        const output = 4 * group + slot;
        if (output < outputs) stored[at] = values[output * inputs + input] as number;
      }
    }
  });
  return stored;
}
