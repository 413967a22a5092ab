import { expect } from "vitest";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { isFloat } from "../../../src/tensor/dtype.ts";
import { toHost } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/** Relative to the value plus absolute: float32 arithmetic in the engine against float64 in the reference. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * A few units in the last place of float32, because the engine rounds every step; 1.5e-7 more for functions that it
 * approximates (erf after Abramowitz and Stegun 7.1.26).
 */
export const usual: Tolerance = { relative: 1e-5, absolute: 1e-6 };

function same(found: number, expected: number, { relative, absolute }: Tolerance): boolean {
  if (expected !== expected) return found !== found;
  if (Math.abs(expected) === Infinity) return found === expected;
  return Math.abs(found - expected) <= absolute + relative * Math.abs(expected);
}

/** Compares a result with the reference's: dtype, shape, then elements; whole numbers and truth values exactly. */
export async function expectAgrees(
  found: Tensor,
  expected: HostTensor,
  tolerance: Tolerance = usual,
  label = "",
): Promise<void> {
  expect({ dtype: found.dtype, shape: [...found.shape] }, label).toEqual({
    dtype: expected.dtype,
    shape: [...expected.shape],
  });
  const actual = Array.from((await toHost(found)).dataSync() as ArrayLike<number | bigint>, Number);
  const wanted = Array.from(expected.dataSync() as ArrayLike<number | bigint>, Number);
  expect(actual.length, label).toBe(wanted.length);
  const limits = isFloat(expected.dtype) ? tolerance : { relative: 0, absolute: 0 };
  const at = wanted.findIndex((value, i) => !same(actual[i] as number, value, limits));
  const window = (list: readonly number[]): readonly number[] => list.slice(Math.max(0, at - 2), at + 6);
  expect(at, `${label}: element ${at}: got ${window(actual)}, expected ${window(wanted)}`).toBe(-1);
}
