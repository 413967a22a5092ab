import { concat, pad, reverse, slice } from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import type { Form, OperatorNode, OperatorReader, OperatorRows } from "../node.ts";
import { mirrorPadOptions } from "../options.ts";

type Pads = readonly (readonly [before: number, after: number])[];

/** Cells before and after each axis of the file's tensor, from an input [rank, 2]. */
function pads(node: OperatorNode): Pads {
  const numbers = node.integers(1, "paddings");
  const rank = node.rank(0);
  if (numbers.length !== 2 * rank || numbers.some((count) => count < 0)) {
    node.fail(`expected two paddings >= 0 for each of ${rank} axes, got [${numbers.slice(0, 32)}]`);
  }
  return Array.from({ length: rank }, (_, axis) => [numbers[2 * axis] as number, numbers[2 * axis + 1] as number]);
}

/** What quantised tensors have for 0. */
function zero(node: OperatorNode, form: Form): number {
  const { quantization } = node.value(0);
  if (form === "real" || quantization === undefined) return 0;
  return quantization.axis === null ? (quantization.zeroPoints[0] as number) : node.refuse("scales per channel");
}

function constantPad(value: (node: OperatorNode, form: Form) => number): OperatorReader {
  return (node) => {
    const form = node.moving(0);
    const { tensor, axes } = node.held(0, form);
    const counts = pads(node);
    const held = axes.map((axis) => counts[axis] as readonly [number, number]);
    return [{ tensor: pad(tensor, held, { value: value(node, form) }), axes }];
  };
}

/** PADV2 has the value as an input, in the numbers of a quantised tensor where x is one. */
function given(node: OperatorNode, form: Form): number {
  if (!node.has(2)) return zero(node, form);
  const { constant, quantization } = node.value(2);
  if (constant === undefined) return node.refuse("a padding value that is computed while the program runs");
  if (constant.size !== 1) return node.fail(`expected one padding value, got ${constant.size}`);
  const number = Number(constant.dataSync()[0]);
  if (form === "stored" || quantization === undefined) return number;
  return (number - (quantization.zeroPoints[0] as number)) * (quantization.scales[0] as number);
}

/** One axis longer on both sides by its own cells, mirrored. `skip` cells at the edge are not repeated. */
function mirror(
  node: OperatorNode,
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  skip: number,
): Tensor {
  const length = x.shape[axis] as number;
  if (before + skip > length || after + skip > length) {
    node.fail(`expected at most ${length - skip} mirrored cells of an axis of ${length}, got ${before} and ${after}`);
  }
  const part = (start: number, end: number): Tensor => {
    const at = (bound: number): (number | null)[] => x.shape.map((_, other) => (other === axis ? bound : null));
    return reverse(slice(x, at(start), at(end)), axis);
  };
  const sides = [
    ...(before > 0 ? [part(skip, skip + before)] : []),
    x,
    ...(after > 0 ? [part(length - skip - after, length - skip)] : []),
  ];
  return sides.length === 1 ? x : concat(sides, axis);
}

/** REFLECT leaves the cells of the edge out, SYMMETRIC repeats them. */
const mirrorPad: OperatorReader = (node) => {
  const { mode } = node.options(mirrorPadOptions);
  if (mode !== 0 && mode !== 1) node.fail(`expected REFLECT (0) or SYMMETRIC (1), got ${mode}`);
  const { tensor, axes } = node.held(0, node.moving(0));
  const counts = pads(node);
  const padded = axes.reduce((x, axis, i) => {
    const [before, after] = counts[axis] as readonly [number, number];
    return before + after === 0 ? x : mirror(node, x, i, [before, after], mode === 0 ? 1 : 0);
  }, tensor);
  return [{ tensor: padded, axes }];
};

/** Operators that enlarge tensors at their edges. */
export const padding: OperatorRows = {
  PAD: constantPad(zero),
  PADV2: constantPad(given),
  MIRROR_PAD: mirrorPad,
};
