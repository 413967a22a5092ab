import fc from "fast-check";
import { expect, test } from "vitest";
import { productOfOthers } from "../../../src/ops/composites/productOfOthers.ts";
import { tensor } from "../../../src/tensor/create.ts";

test("hand-sized examples", () => {
  expect(productOfOthers(tensor([2, 3, 5]), [0]).toArray()).toEqual([15, 10, 6]);
  expect(productOfOthers(tensor([2, 0, 5]), [0]).toArray()).toEqual([0, 10, 0]);
  expect(
    productOfOthers(
      tensor([
        [2, 3],
        [5, 7],
      ]),
      [0, 1],
    ).toArray(),
  ).toEqual([
    [105, 70],
    [42, 30],
  ]);
  expect(productOfOthers(tensor([7]), [0]).toArray()).toEqual([1]);
  expect(productOfOthers(tensor([7, 8]), []).toArray()).toEqual([1, 1]);
});

test("agrees with leaving each element out", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 9 }), (values) => {
      const expected = values.map(
        (_, i) => values.reduce((product, value, j) => (i === j ? product : product * value), 1) + 0,
      );
      const rows = tensor([values, values], { dtype: "float64" });
      const found = (productOfOthers(rows, [1]).toArray() as number[][]).map((row) => row.map((value) => value + 0));
      expect(found).toEqual([expected, expected]);
    }),
  );
});
