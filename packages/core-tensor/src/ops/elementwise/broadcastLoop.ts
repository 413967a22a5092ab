import { rowMajorStrides } from "../../tensor/shape.ts";

/**
 * How to walk an output in row-major order while stepping through operands that broadcast to it: runs of
 * `length` consecutive output elements, in each of which operand k advances by `steps[k]` per element.
 *
 * Neighbouring axes along which all operands advance evenly are merged, so that operands of equal shape give a
 * single run with steps 1, and a scalar one with step 0.
 */
export interface BroadcastLoop {
  readonly length: number;
  readonly steps: readonly number[];
  /** Dimensions outside the run, outermost first. */
  readonly outer: readonly number[];
  /** `strides[k][axis]`: elements of operand k between neighbours along an outer axis. */
  readonly strides: readonly (readonly number[])[];
}

/** Row-major strides of an operand seen in the output's axes: 0 along those it repeats. */
export function broadcastStrides(operand: readonly number[], output: readonly number[]): number[] {
  const own = rowMajorStrides(operand);
  const missing = output.length - operand.length;
  return output.map((_, axis) =>
    axis < missing || operand[axis - missing] === 1 ? 0 : (own[axis - missing] as number),
  );
}

/** The loop over an output, for operands with these strides in the output's axes. */
export function stridedLoop(output: readonly number[], operandStrides: readonly (readonly number[])[]): BroadcastLoop {
  const dims: number[] = [];
  const strides: number[][] = operandStrides.map(() => []);
  output.forEach((dim, axis) => {
    if (dim === 1) return;
    const last = dims.length - 1;
    const merges = last >= 0 && operandStrides.every((own, k) => strides[k]?.[last] === (own[axis] as number) * dim);
    if (merges) dims[last] = (dims[last] as number) * dim;
    else dims.push(dim);
    operandStrides.forEach((own, k) => {
      (strides[k] as number[])[dims.length - 1] = own[axis] as number;
    });
  });
  return {
    length: dims.pop() ?? 1,
    steps: strides.map((own) => own.pop() ?? 0),
    outer: dims,
    strides,
  };
}

/** The loop over an output, for dense operands that broadcast to it. */
export function broadcastLoop(output: readonly number[], operands: readonly (readonly number[])[]): BroadcastLoop {
  return stridedLoop(
    output,
    operands.map((shape) => broadcastStrides(shape, output)),
  );
}

/** Calls `run` once for each run, with the first output element and the offset of every operand there. */
export function forEachRun(loop: BroadcastLoop, run: (start: number, offsets: readonly number[]) => void): void {
  const { length, outer, strides } = loop;
  const offsets = strides.map(() => 0);
  const counter = outer.map(() => 0);
  const runs = outer.reduce((product, dim) => product * dim, length === 0 ? 0 : 1);
  for (let i = 0; i < runs; i++) {
    run(i * length, offsets);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const dim = outer[axis] as number;
      const wraps = ++(counter[axis] as number) === dim;
      if (wraps) counter[axis] = 0;
      for (let k = 0; k < offsets.length; k++) {
        const stride = strides[k]?.[axis] as number;
        (offsets[k] as number) += wraps ? stride - stride * dim : stride;
      }
      if (!wraps) break;
    }
  }
}
