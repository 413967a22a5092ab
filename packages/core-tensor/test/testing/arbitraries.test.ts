import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flattenTree, unflattenTree } from "../../src/tensor/tree.ts";
import { dtypeNames, dtypes } from "../../src/tensor/dtype.ts";
import { broadcastShapes, sizeOf } from "../../src/tensor/shape.ts";
import {
  allClose,
  anyDType,
  broadcastingShapes,
  relaidOut,
  shapes,
  tensorOf,
  tensors,
  trees,
} from "../../src/testing/index.ts";

describe("shapes", () => {
  test("keep their limits, and scalars, ones and empty dimensions occur", () => {
    const drawn = fc.sample(shapes({ maxRank: 3, maxDim: 4, maxSize: 20 }), 500);
    for (const shape of drawn) {
      expect(shape.length).toBeLessThanOrEqual(3);
      expect(Math.max(0, ...shape)).toBeLessThanOrEqual(4);
      expect(sizeOf(shape)).toBeLessThanOrEqual(20);
    }
    expect(drawn.some((shape) => shape.length === 0)).toBe(true);
    expect(drawn.some((shape) => shape.includes(0))).toBe(true);
    expect(drawn.some((shape) => shape.includes(1))).toBe(true);
    expect(fc.sample(shapes({ empty: false }), 500).some((shape) => shape.includes(0))).toBe(false);
  });

  test("broadcastingShapes broadcast", () => {
    fc.assert(fc.property(broadcastingShapes(3), (drawn) => void broadcastShapes("test", ...drawn)));
  });
});

describe("tensors", () => {
  test("have the dtype, the shape and values in the range", () => {
    fc.assert(
      fc.property(
        anyDType().chain((dtype) => tensors({ dtype, shape: { maxRank: 2 }, range: { min: -2, max: 1 } })),
        (value) => {
          const { min } = dtypes[value.dtype];
          for (const x of value.dataSync()) {
            expect(Number(x)).toBeGreaterThanOrEqual(Math.max(min, -2));
            expect(Number(x)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  test("special values occur when asked for", () => {
    const drawn = fc
      .sample(tensorOf("float32", [8], { special: true }), 100)
      .flatMap((value) => [...(value.dataSync() as Float32Array)]);
    for (const special of [NaN, Infinity, -Infinity, -0]) expect(drawn.some((x) => Object.is(x, special))).toBe(true);
  });

  test("relaidOut shows the same values through other strides", () => {
    const layouts = fc.constantFrom("reversed" as const, "spaced" as const, "columnMajor" as const);
    fc.assert(
      fc.property(
        fc.constantFrom(...dtypeNames).chain((dtype) => tensors({ dtype, shape: { maxRank: 3 } })),
        layouts,
        (value, layout) => {
          expect(allClose(relaidOut(value, layout), value, { rtol: 0, atol: 0 }).close).toBe(true);
        },
      ),
    );
  });
});

test("trees survive being taken apart", () => {
  const isNumber = (value: unknown): value is number => typeof value === "number";
  fc.assert(
    fc.property(trees(fc.integer()), (tree) => {
      const { leaves, structure } = flattenTree(tree, isNumber);
      expect(unflattenTree(structure, leaves)).toEqual(tree);
    }),
  );
});
