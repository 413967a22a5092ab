import type { Dim } from "../../tensor/dims.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes, newLanes, readLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { expectDType, expectInput } from "../checks.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import type { SortAttributes, TopKAttributes } from "../vocabulary.ts";
import { expectAxis } from "./axisChecks.ts";
import { axisSplit, forEachLine } from "./axisSplit.ts";

/** Rising order in which NaN stands above every number (and -0 equals 0). */
function rising(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b);
}

/**
 * The first `count` elements along an axis in rising or falling order, and their int32 positions; equal elements
 * stay in the order in which they were.
 */
function takeInOrder(
  x: HostTensor,
  axis: number,
  count: number,
  falling: boolean,
  types: readonly ConcreteType[],
): HostTensor[] {
  const [valueType, indexType] = types as readonly [ConcreteType, ConcreteType];
  const split = axisSplit(x.shape, axis);
  const { length, inner } = split;
  const source = readLanes(x);
  const size = sizeOf(valueType.shape);
  const values = newLanes(x.dtype, size);
  const indices = new Int32Array(size);
  const order = new Int32Array(length);
  forEachLine(split, (start, line) => {
    for (let i = 0; i < length; i++) order[i] = i;
    order.sort((i, j) => {
      const a = source[start + i * inner] as number;
      const b = source[start + j * inner] as number;
      return (falling ? rising(b, a) : rising(a, b)) || i - j;
    });
    let to = Math.floor(line / inner) * count * inner + (line % inner);
    for (let i = 0; i < count; i++, to += inner) {
      const from = order[i] as number;
      indices[to] = from;
      values[to] = source[start + from * inner] as number;
    }
  });
  return [fromLanes(x.dtype, valueType.shape, values), fromLanes("int32", indexType.shape, indices)];
}

function numberAlong(op: string, inputs: readonly ValueType[], axis: number): ValueType {
  const x = expectInput(op, inputs);
  expectDType(op, "operand", x.dtype, "number");
  expectAxis(op, axis, x.shape);
  return x;
}

function checkCount(k: number, length: Dim, axis: number): void {
  if (!Number.isInteger(k) || k < 0 || (typeof length === "number" && k > length)) {
    throw new ArgumentError({
      op: "topK",
      argument: "k",
      expected: `a whole number in [0, ${length}], the length of axis ${axis}`,
      found: String(k),
    });
  }
}

/** The k best elements along an axis, best first, ties by lower index. NaN counts as the largest. */
export const topKRecord: Primitive<TopKAttributes> = {
  name: "topK",
  infer(inputs, { axis, k }) {
    const x = numberAlong("topK", inputs, axis);
    checkCount(k, x.shape[axis] as Dim, axis);
    const shape = x.shape.map((dim, i) => (i === axis ? k : dim));
    return [
      { dtype: x.dtype, shape },
      { dtype: "int32", shape },
    ];
  },
  kernel(inputs, { axis, k, largest }, types) {
    const [x] = inputs as readonly [HostTensor];
    checkCount(k, x.shape[axis] as number, axis);
    return takeInOrder(x, axis, k, largest, types);
  },
};

/** All elements along an axis in order; stable. NaN stands above every number: last rising, first falling. */
export const sortRecord: Primitive<SortAttributes> = {
  name: "sort",
  infer(inputs, { axis }) {
    const x = numberAlong("sort", inputs, axis);
    return [x, { dtype: "int32", shape: x.shape }];
  },
  kernel(inputs, { axis, descending }, types) {
    const [x] = inputs as readonly [HostTensor];
    return takeInOrder(x, axis, x.shape[axis] as number, descending, types);
  },
};
