import type { HostTensor } from "@parsimony/core-tensor";
import type { Outputs } from "./patchExecutor.ts";

/** A number of an output that is not what it should be. */
export interface Mismatch {
  readonly output: string;
  /** Position in the output, in the program's own shape. */
  readonly index: readonly number[];
  readonly expected: number;
  readonly found: number;
}

/** How two sets of outputs differ. */
export interface OutputDifference {
  /** 0 when all numbers are equal; Infinity where just one of two numbers is NaN. */
  readonly maxAbsDiff: number;
  /** In the order of outputs and positions; numbers are compared by `Object.is`, so that zeros have signs. */
  readonly firstMismatch?: Mismatch;
}

/** Compares outputs with those that are expected, number by number. Outputs that are missing count as all NaN. */
export function compareOutputs(expected: Outputs, found: Outputs): OutputDifference {
  let maxAbsDiff = 0;
  let firstMismatch: Mismatch | undefined;
  for (const [output, tensor] of Object.entries(expected)) {
    const wanted = tensor.dataSync() as ArrayLike<number>;
    const given = (found[output]?.dataSync() ?? []) as ArrayLike<number>;
    for (let i = 0; i < wanted.length; i++) {
      const [a, b] = [wanted[i] as number, given[i] ?? Number.NaN];
      if (Object.is(a, b)) continue;
      const difference = Math.abs(a - b);
      maxAbsDiff = Math.max(maxAbsDiff, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      firstMismatch ??= { output, index: positionOf(tensor, i), expected: a, found: b };
    }
  }
  return { maxAbsDiff, ...(firstMismatch === undefined ? {} : { firstMismatch }) };
}

function positionOf({ shape }: HostTensor, flat: number): readonly number[] {
  const position: number[] = [];
  let rest = flat;
  for (const dim of shape.toReversed()) {
    position.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return position;
}
