import { expect, test } from "vitest";
import { ArgumentError, type Tensor, dropout, jit, mean, ones, random, tensor } from "../../src/index.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { dropoutMask } from "../../src/nn/index.ts";
import { hoeffdingBound } from "../support/statistics.ts";

const key = random.key(5);

test("masks are bool, come from their key, and keep the share that they should", () => {
  const mask = dropoutMask(key, [100, 100], 0.3);
  expect([mask.dtype, mask.shape]).toEqual(["bool", [100, 100]]);
  expect(mask).toEqual(dropoutMask(key, [100, 100], 0.3));
  expect(mask).not.toEqual(dropoutMask(random.key(6), [100, 100], 0.3));
  const kept = (mask.dataSync() as Uint8Array).reduce((sum, x) => sum + x, 0) / 10_000;
  expect(Math.abs(kept - 0.7)).toBeLessThan(hoeffdingBound(10_000));
  expect(dropoutMask(key, [3], 0).toArray()).toEqual([true, true, true]);
});

test("a mask handed in changes from step to step of one program", async () => {
  const step = jit((x: Tensor, mask: Tensor) => dropout(x, mask, 0.5), { backend: reference() });
  const x = ones([64]);
  const [first, second] = [
    await step(x, dropoutMask(key, [64], 0.5)),
    await step(x, dropoutMask(random.foldIn(key, 1), [64], 0.5)),
  ];
  expect(step.programs).toBe(1);
  expect(first).not.toEqual(second);
  for (const y of [first, second]) expect(Math.abs(mean(y).item() - 1)).toBeLessThan(0.5);
  expect((await step(tensor([1, 2]), tensor([true, false]))).toArray()).toEqual([2, 0]);
});

test("rates outside [0, 1) are refused", () => {
  for (const rate of [-0.1, 1, NaN]) expect(() => dropoutMask(key, [1], rate)).toThrow(ArgumentError);
});
