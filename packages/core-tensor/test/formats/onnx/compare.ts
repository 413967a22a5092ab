import { expect } from "vitest";
import type { DType } from "../../../src/tensor/dtype.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/** Relative and absolute tolerance by dtype; dtypes that are not named are compared exactly. */
export type Tolerances = Readonly<Partial<Record<DType, readonly [relative: number, absolute: number]>>>;

/**
 * Relative and absolute tolerance by dtype: some ulps of float32, whose sums and elementary functions the engine takes
 * in float32 where the reference uses doubles; one rounding of the half-width floats; whole numbers exactly.
 */
export const tolerances: Tolerances = {
  float32: [1e-5, 1e-6],
  float64: [1e-12, 1e-13],
  float16: [2e-3, 1e-4],
  bfloat16: [1.6e-2, 1e-3],
};

/** Compares named results with those of the reference: dtype, shape, values. */
export function expectAgreement(
  got: Readonly<Record<string, Tensor>>,
  want: Readonly<Record<string, Tensor>>,
  label: string,
  own: Tolerances = {},
): void {
  expect(Object.keys(got).sort(), label).toEqual(Object.keys(want).sort());
  for (const [name, expected] of Object.entries(want)) {
    const found = got[name] as Tensor;
    expect([found.dtype, ...found.shape], `${label}: type of ${name}`).toEqual([expected.dtype, ...expected.shape]);
    const [relative, absolute] = own[expected.dtype] ?? tolerances[expected.dtype] ?? [0, 0];
    const values = found.dataSync();
    expected.dataSync().forEach((reference: number | bigint, i: number) => {
      const value = values[i] as number | bigint;
      // NaN and infinities are equal to themselves only; int64 is compared as it is.
      if (Object.is(value, reference) || value === reference) return;
      const distance = Math.abs(Number(value) - Number(reference));
      if (distance <= absolute + relative * Math.abs(Number(reference))) return;
      expect.fail(`${label}: ${name}[${i}] is ${value}, the reference has ${reference}`);
    });
  }
}
