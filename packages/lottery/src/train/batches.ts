import { type HostTensor, flattenTree, isTensor, random, tensor, unflattenTree } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { namedTensors } from "../base/parameters.ts";

/** A part of the data: a tree of host tensors whose first axis counts examples. */
export interface Examples {
  readonly count: number;
  /** The examples at these places, in this order, as a tree of the data's nesting, with the leading axes `shape`. */
  gather(places: Int32Array, shape: readonly number[]): unknown;
  /** Examples `from` to `to`, without a copy. */
  slice(from: number, to: number): unknown;
}

/**
 * Looks at a tree of tensors as a list of examples.
 *
 * @throws LotteryError E_PARAMETERS when the tensors differ in length or have no axis, or there are no examples.
 */
export function examplesOf(where: string, data: unknown): Examples {
  const named = Object.entries(namedTensors(where, data));
  const { structure } = flattenTree(data, isTensor);
  const count = named[0]?.[1].shape[0] ?? 0;
  if (named.length === 0) throw new LotteryError("E_PARAMETERS", `${where}: there is no tensor`);
  for (const [name, { shape }] of named) {
    if (shape.length > 0 && shape[0] === count && count > 0) continue;
    const rows = count > 0 ? count : "examples";
    const message = `${where}: ${name} must have the shape [${rows}, ...], one row for each example, got [${shape}]`;
    throw new LotteryError("E_PARAMETERS", message, { tensor: name });
  }
  const columns = named.map(([, leaf]) => ({ leaf, values: leaf.dataSync(), row: leaf.size / count }));
  const build = (make: (column: Column) => HostTensor): unknown => unflattenTree(structure, columns.map(make));
  return {
    count,
    gather: (places, shape) => build((column) => gatherRows(column, places, shape)),
    slice: (from, to) =>
      build(({ leaf, values, row }) =>
        tensor(values.subarray(from * row, to * row) as Uint8Array, {
          shape: [to - from, ...leaf.shape.slice(1)],
          dtype: leaf.dtype,
        }),
      ),
  };
}

interface Column {
  readonly leaf: HostTensor;
  readonly values: ReturnType<HostTensor["dataSync"]>;
  /** Elements of an example. */
  readonly row: number;
}

function gatherRows({ leaf, values, row }: Column, places: Int32Array, shape: readonly number[]): HostTensor {
  const source = values as Uint8Array;
  const rows = new (source.constructor as Uint8ArrayConstructor)(places.length * row);
  for (let i = 0; i < places.length; i++) {
    const from = (places[i] as number) * row;
    rows.set(source.subarray(from, from + row), i * row);
  }
  return tensor(rows, { shape: [...shape, ...leaf.shape.slice(1)], dtype: leaf.dtype });
}

/**
 * Which examples each step sees: a function of seed and step alone. Every epoch is a new permutation; examples that are left
 * over at its end (fewer than a batch) are left out.
 *
 * @returns places of the examples of steps `from` to `to`, batch after batch
 */
export function dataOrder(count: number, batch: number): (seed: number, from: number, to: number) => Int32Array {
  const perEpoch = Math.floor(count / batch);
  let known: { readonly key: string; readonly order: Int32Array } | undefined;
  const epochOrder = (seed: number, epoch: number): Int32Array => {
    const key = `${seed}/${epoch}`;
    if (known?.key !== key) {
      const order = random.permutation(random.foldIn(random.key(seed), epoch), count).dataSync() as Int32Array;
      known = { key, order };
    }
    return known.order;
  };
  return (seed, from, to) => {
    const places = new Int32Array((to - from) * batch);
    for (let step = from; step < to; step++) {
      const at = (step % perEpoch) * batch;
      places.set(epochOrder(seed, Math.floor(step / perEpoch)).subarray(at, at + batch), (step - from) * batch);
    }
    return places;
  };
}
