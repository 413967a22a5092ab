import { type HostTensor, tensor } from "@parsimony/core-tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dataOrder, examplesOf } from "../../src/train/batches.ts";

const data = {
  x: tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
  y: tensor(new Uint8Array([7, 8, 9])),
};

test("gathers and slices examples of a tree", () => {
  const examples = examplesOf("test", data);
  const batch = examples.gather(Int32Array.of(2, 0, 2, 1), [2, 2]) as typeof data;
  expect(batch.x.toArray()).toEqual([
    [
      [5, 6],
      [1, 2],
    ],
    [
      [5, 6],
      [3, 4],
    ],
  ]);
  expect(batch.y.toArray()).toEqual([
    [9, 7],
    [9, 8],
  ]);
  expect((batch.y as HostTensor).dtype).toBe("uint8");
  expect((examples.slice(1, 3) as typeof data).x.toArray()).toEqual([
    [3, 4],
    [5, 6],
  ]);
});

test("every epoch is a permutation, and the order depends on seed and step alone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.nat(1000), (count, size, seed) => {
      const batch = Math.min(count, size);
      const perEpoch = Math.floor(count / batch);
      const order = dataOrder(count, batch)(seed, 0, 2 * perEpoch);
      for (const epoch of [order.subarray(0, perEpoch * batch), order.subarray(perEpoch * batch)]) {
        expect(new Set(epoch).size).toBe(perEpoch * batch);
        expect(Math.max(...epoch)).toBeLessThan(count);
      }
      const again = dataOrder(count, batch);
      const pieces = Array.from({ length: 2 * perEpoch }, (_, i) => 2 * perEpoch - 1 - i).map((step) => [
        ...again(seed, step, step + 1),
      ]);
      expect(pieces.reverse().flat()).toEqual([...order]);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["lengths that differ", { x: tensor([[1]]), y: tensor([1, 2]) }],
  ["a scalar", { x: tensor(1) }],
  ["no examples", { x: tensor(new Float32Array(0)) }],
  ["no tensors", {}],
])("refuses %s", (_, bad) => {
  expect(() => examplesOf("test", bad)).toThrow(expect.objectContaining({ code: "E_PARAMETERS" }));
});
