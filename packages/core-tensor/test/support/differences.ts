import { expect } from "vitest";
import { grad } from "../../src/graph/grad.ts";
import { mul, sum } from "../../src/ops/index.ts";
import type { HostTensor } from "../../src/tensor/host.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

type Fn = (...inputs: Tensor[]) => Tensor;

/** Numbers without a pattern that a derivative could cancel against. */
function weights(like: Tensor): HostTensor {
  return tensor(
    Float64Array.from({ length: like.size }, (_, i) => 1 + Math.sin(3 * i + 1)),
    { shape: like.shape },
  );
}

/** A float64 tensor. */
export function doubles(values: readonly number[], shape: readonly number[] = [values.length]): HostTensor {
  return tensor(Float64Array.from(values), { shape });
}

/** The gradient of a weighted sum of the function's values, in one argument. */
export function weightedGradient(fn: Fn, inputs: readonly Tensor[], argument: number): Tensor {
  const loss = (...args: Tensor[]): Tensor => {
    const y = fn(...args);
    return sum(mul(y, weights(y)));
  };
  return grad(loss, { argument })(...inputs);
}

/** Compares gradients in every argument (all float64) with central differences. */
export function expectGradients(fn: Fn, inputs: readonly HostTensor[], tolerance = 1e-6): void {
  inputs.forEach((input, argument) => {
    const found = weightedGradient(fn, inputs, argument);
    expect(found.shape).toEqual(input.shape);
    const values = input.dataSync() as Float64Array;
    const loss = (at: number, by: number): number => {
      const moved = Float64Array.from(values);
      moved[at]! += by;
      const y = fn(...inputs.with(argument, tensor(moved, { shape: input.shape })));
      return sum(mul(y, weights(y))).item();
    };
    const gradient = found.dataSync() as Float64Array;
    values.forEach((x, i) => {
      const h = 1e-5 * Math.max(1, Math.abs(x));
      const expected = (loss(i, h) - loss(i, -h)) / (2 * h);
      expect(
        Math.abs(gradient[i]! - expected),
        `argument ${argument}, element ${i}: ${gradient[i]} and ${expected}`,
      ).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)));
    });
  });
}

/** As `expectGradients`, for the function and for each of its gradients (second derivatives). */
export function expectGradientsTwice(fn: Fn, inputs: readonly HostTensor[], tolerance = 1e-5): void {
  expectGradients(fn, inputs, tolerance);
  inputs.forEach((_, argument) => {
    expectGradients((...args) => weightedGradient(fn, args, argument), inputs, tolerance);
  });
}
