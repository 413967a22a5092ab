import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Dim,
  addDims,
  canonicalDim,
  dimSymbols,
  divideDims,
  evaluateDim,
  mulDims,
  subDims,
  substituteDim,
} from "../../src/tensor/dims.ts";

const symbol = fc.constantFrom("batch", "rows", "n");
const dim: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -6, max: 6 }),
    symbol,
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => addDims(a, b)),
    fc.tuple(tie("dim"), tie("dim")).map(([a, b]) => mulDims(a, b)),
  ),
})).dim;
const bindings = fc.record({
  batch: fc.integer({ min: 1, max: 50 }),
  rows: fc.integer({ min: 1, max: 50 }),
  n: fc.integer({ min: 1, max: 50 }),
});

test("canonical forms", () => {
  expect(mulDims("rows", "batch")).toBe("batch*rows");
  expect(addDims("batch", "batch")).toBe("2*batch");
  expect(subDims("batch", "batch")).toBe(0);
  expect(addDims(mulDims(2, "batch"), -3)).toBe("2*batch - 3");
  expect(canonicalDim("3 + rows * batch*2")).toBe("2*batch*rows + 3");
  expect(divideDims("2*batch*rows", "2*rows")).toBe("batch");
  expect(divideDims("batch", 2)).toBeUndefined();
  expect(divideDims("batch + rows", "batch")).toBeUndefined();
  expect(dimSymbols("batch*rows + n")).toEqual(["batch", "rows", "n"]);
});

test("refuses what is no polynomial", () => {
  expect(() => canonicalDim("batch/2")).toThrow(RangeError);
  expect(() => canonicalDim("a b")).toThrow(/got "a b"/);
  expect(() => canonicalDim(" ")).toThrow(/got nothing/);
  expect(() => evaluateDim("batch", {})).toThrow(/"batch" has no value/);
});

test("the algebra agrees with arithmetic for all values of the symbols", () => {
  fc.assert(
    fc.property(dim, dim, bindings, (a, b, values) => {
      const at = (d: Dim): number => evaluateDim(d, values);
      expect(at(addDims(a, b))).toBe(at(a) + at(b));
      expect(at(subDims(a, b))).toBe(at(a) - at(b));
      expect(at(mulDims(a, b))).toBe(at(a) * at(b) + 0);
      const product = mulDims(a, b);
      const quotient = b === 0 ? undefined : divideDims(product, b);
      if (quotient !== undefined) expect(quotient).toBe(canonicalDim(a));
    }),
  );
});

test("equal polynomials have equal forms, and forms are stable", () => {
  fc.assert(
    fc.property(dim, dim, dim, (a, b, c) => {
      expect(mulDims(a, addDims(b, c))).toBe(addDims(mulDims(a, b), mulDims(a, c)));
      expect(canonicalDim(canonicalDim(a))).toBe(canonicalDim(a));
    }),
  );
});

test("substitution commutes with evaluation", () => {
  fc.assert(
    fc.property(dim, dim, bindings, (a, replacement, values) => {
      const inner = evaluateDim(replacement, values);
      expect(evaluateDim(substituteDim(a, { batch: replacement }), values)).toBe(
        evaluateDim(a, { ...values, batch: inner }),
      );
    }),
  );
});
