import { GraphBuilder } from "../../../src/graph/builder.ts";
import type { Graph } from "../../../src/ops/program.ts";
import type { OpAttributes, OpName } from "../../../src/ops/vocabulary.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { fromLanes } from "../../../src/tensor/lanes.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";

/** A program of one op whose inputs are named x0, x1, … and whose outputs y0, y1, … */
export function single<Name extends OpName>(
  op: Name,
  inputs: readonly HostTensor[],
  attributes: OpAttributes[Name],
): Graph {
  const builder = new GraphBuilder(op);
  const names = inputs.map(({ dtype, shape }, i) => builder.input(`x${i}`, { dtype, shape }));
  builder.add(op, names, attributes).forEach((value, i) => builder.output(`y${i}`, value));
  return builder.build();
}

/** The inputs of `single` by name. */
export function named(inputs: readonly HostTensor[]): Record<string, HostTensor> {
  return Object.fromEntries(inputs.map((value, i) => [`x${i}`, value]));
}

/** Numbers in [low, high) that look random and are always the same (a linear congruential generator). */
export function noise(count: number, low: number, high: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (state / 2 ** 32) * (high - low);
  });
}

/** A float32 tensor of noise in [-2, 2). */
export function floats(shape: readonly number[], seed = 1, low = -2, high = 2): HostTensor {
  return fromLanes("float32", shape, noise(sizeOf(shape), low, high, seed));
}

/** Whole numbers in [low, high). */
export function wholes(
  shape: readonly number[],
  low: number,
  high: number,
  dtype: DType = "int32",
  seed = 1,
): HostTensor {
  return fromLanes(dtype, shape, noise(sizeOf(shape), low, high, seed).map(Math.floor));
}

/** Truth values. */
export function truths(shape: readonly number[], seed = 1): HostTensor {
  return fromLanes("bool", shape, noise(sizeOf(shape), 0, 2, seed).map(Math.floor));
}

/** A tensor of the given numbers. */
export function values(
  numbers: readonly number[],
  dtype: DType = "float32",
  shape: readonly number[] = [numbers.length],
): HostTensor {
  return dtype === "int64" ? tensor(BigInt64Array.from(numbers, BigInt), { shape }) : fromLanes(dtype, shape, numbers);
}
