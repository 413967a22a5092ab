import fc from "fast-check";
import { expect, test } from "vitest";
import { broadcastLoop, forEachRun } from "../../../src/ops/elementwise/broadcastLoop.ts";

/** For every output element, in order, the offset of each operand. */
function walk(output: readonly number[], operands: readonly (readonly number[])[]): number[][] {
  const loop = broadcastLoop(output, operands);
  const visited: number[][] = [];
  forEachRun(loop, (start, offsets) => {
    expect(start).toBe(visited.length);
    for (let i = 0; i < loop.length; i++) visited.push(offsets.map((offset, k) => offset + i * loop.steps[k]!));
  });
  return visited;
}

/** The same by indices, one element at a time. */
function slowWalk(output: readonly number[], operands: readonly (readonly number[])[]): number[][] {
  const size = output.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: size }, (_, flat) =>
    operands.map((shape) => {
      let rest = flat;
      let stride = 1;
      let offset = 0;
      for (let axis = output.length - 1; axis >= 0; axis--) {
        const index = rest % output[axis]!;
        rest = Math.floor(rest / output[axis]!);
        const dim = shape[axis - output.length + shape.length] ?? 1;
        if (dim !== 1) offset += index * stride;
        stride *= dim;
      }
      return offset;
    }),
  );
}

test("operands of equal shape give one run, and so does a scalar beside them", () => {
  expect(broadcastLoop([2, 3, 4], [[2, 3, 4], [2, 3, 4], []])).toEqual({
    length: 24,
    steps: [1, 1, 0],
    outer: [],
    strides: [[], [], []],
  });
});

test("a row is repeated along the outer axis", () => {
  expect(walk([2, 3], [[2, 3], [3]])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 0],
    [4, 1],
    [5, 2],
  ]);
});

test("nothing is visited where there is nothing", () => {
  expect(walk([2, 0, 3], [[2, 0, 3], [3]])).toEqual([]);
  expect(walk([0], [[0]])).toEqual([]);
  expect(walk([], [[]])).toEqual([[0]]);
});

test("loops visit the same offsets as indices do", () => {
  const dims = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
  const broken = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(dims, fc.array(fc.tuple(broken, fc.nat(4)), { minLength: 1, maxLength: 3 }), (output, cuts) => {
      const operands = cuts.map(([ones, drop]) =>
        output.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(Math.min(drop, output.length)),
      );
      expect(walk(output, operands)).toEqual(slowWalk(output, operands));
    }),
  );
});
