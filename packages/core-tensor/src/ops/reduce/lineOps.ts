import { type NumberArray, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes, readLanes } from "../../tensor/lanes.ts";
import { type DTypeGroup, expectDType, expectInput } from "../checks.ts";
import type { ConcreteType, Primitive } from "../primitive.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import type { AxisAttributes, CumsumAttributes } from "../vocabulary.ts";
import { expectAxis } from "./axisChecks.ts";
import { axisSplit, forEachLine } from "./axisSplit.ts";

/** One line of elements, `step` apart, of input and output alike. */
type Line<A> = (
  x: NumberArray,
  out: NumberArray,
  start: number,
  length: number,
  step: number,
  attributes: A,
  whole: boolean,
) => void;

/** A record that turns each line along an axis into a line of the same length. */
function alongAxis<A extends AxisAttributes>(name: string, group: DTypeGroup, line: Line<A>): Primitive<A> {
  return {
    name,
    infer(inputs, { axis }) {
      const x = expectInput(name, inputs);
      expectDType(name, "operand", x.dtype, group);
      expectAxis(name, axis, x.shape);
      return [x];
    },
    kernel(inputs, attributes, types) {
      const [x] = inputs as readonly [HostTensor];
      const [type] = types as readonly [ConcreteType];
      const split = axisSplit(x.shape, attributes.axis);
      const values = readLanes(x);
      const out = newLanes(x.dtype, values.length);
      const whole = !isFloat(x.dtype) && x.dtype !== "int64";
      forEachLine(split, (start) => line(values, out, start, split.length, split.inner, attributes, whole));
      return [fromComputedLanes(name, type.dtype, type.shape, out)];
    },
  };
}

/** Running sums; whole numbers of up to 32 bits wrap exactly. */
export const cumsumRecord: Primitive<CumsumAttributes> = alongAxis(
  "cumsum",
  "number",
  (x, out, start, length, step, { exclusive, reverse }, whole) => {
    let total = 0;
    for (let i = 0; i < length; i++) {
      const at = start + (reverse ? length - 1 - i : i) * step;
      const before = total;
      total += x[at] as number;
      if (whole) total |= 0;
      out[at] = exclusive ? before : total;
    }
  },
);

/** The largest element of a line; NaN when one is NaN. */
function lineMax(x: NumberArray, start: number, length: number, step: number): number {
  let largest = -Infinity;
  for (let i = 0, at = start; i < length; i++, at += step) largest = Math.max(largest, x[at] as number);
  return largest;
}

/** `exp(x - max) / sum exp(x - max)`: the largest exponent is 0, so nothing overflows. */
export const softmaxRecord: Primitive<AxisAttributes> = alongAxis("softmax", "float", (x, out, start, length, step) => {
  const largest = lineMax(x, start, length, step);
  let total = 0;
  for (let i = 0, at = start; i < length; i++, at += step) total += Math.exp((x[at] as number) - largest);
  for (let i = 0, at = start; i < length; i++, at += step) out[at] = Math.exp((x[at] as number) - largest) / total;
});

/** `x - max - log(sum exp(x - max))`: no logarithm of a value that underflowed. */
export const logSoftmaxRecord: Primitive<AxisAttributes> = alongAxis(
  "logSoftmax",
  "float",
  (x, out, start, length, step) => {
    const largest = lineMax(x, start, length, step);
    let total = 0;
    for (let i = 0, at = start; i < length; i++, at += step) total += Math.exp((x[at] as number) - largest);
    const logTotal = Math.log(total);
    for (let i = 0, at = start; i < length; i++, at += step) out[at] = (x[at] as number) - largest - logTotal;
  },
);
