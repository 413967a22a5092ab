import fc from "fast-check";
import { expect, test } from "vitest";
import { sumTo } from "../../../src/ops/composites/sumTo.ts";
import { broadcastTo, mul, sum } from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";

test("hand-sized examples", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(sumTo(x, [2, 3])).toBe(x);
  expect(sumTo(x, [3]).toArray()).toEqual([5, 7, 9]);
  expect(sumTo(x, [2, 1]).toArray()).toEqual([[6], [15]]);
  expect(sumTo(x, [1]).toArray()).toEqual([21]);
  expect(sumTo(x, []).toArray()).toBe(21);
  expect(sumTo(tensor([], { shape: [0, 2] }), [2]).toArray()).toEqual([0, 0]);
});

test("is the adjoint of broadcasting", () => {
  const dims = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean()), { maxLength: 4 });
  fc.assert(
    fc.property(dims, fc.nat(4), fc.infiniteStream(fc.integer({ min: -5, max: 5 })), (axes, drop, values) => {
      const from = axes.map(([dim]) => dim);
      const to = axes.map(([dim, one]) => (one ? 1 : dim)).slice(Math.min(drop, axes.length));
      const fill = (shape: readonly number[]) =>
        tensor(
          Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => values.next().value as number),
          { shape },
        );
      const x = fill(from);
      const y = fill(to);
      expect(sumTo(x, to).shape).toEqual(to);
      // Equal as numbers: a sum from 0 on loses the sign of -0, a single element keeps it.
      expect(sum(mul(sumTo(x, to), y)).item() + 0).toBe(sum(mul(x, broadcastTo(y, from))).item() + 0);
    }),
  );
});
