import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGraph } from "../../src/graph/check.ts";
import { primitives } from "../../src/ops/primitives.ts";
import { caseGraph } from "../../src/testing/caseGraph.ts";
import type { OpCase, OpCases } from "../../src/testing/cases/case.ts";
import { opNames } from "../../src/testing/cases/index.ts";
import { agrees, type ToleranceRule } from "../../src/testing/cases/tolerance.ts";
import { expectedOutputs } from "../../src/testing/expected.ts";
import { opCases, opTolerances } from "../../src/testing/index.ts";

test("every primitive has cases and a tolerance", () => {
  expect([...opNames].sort()).toEqual(Object.keys(primitives).sort());
  expect(Object.keys(opTolerances).sort()).toEqual(Object.keys(primitives).sort());
});

describe("cases are calls that the reference carries out", () => {
  test.each(opNames)("%s", (op) => {
    const { examples, dtypes, arbitrary, smooth } = opCases[op] as OpCases<object>;
    const rule = opTolerances[op] as ToleranceRule<object>;
    const check = (own: OpCase<object>): void => {
      const { graph, inputs } = caseGraph(op, own);
      checkGraph(graph);
      expectedOutputs(graph, inputs);
      const { ulps, scale } = rule(own.inputs, own.attributes);
      expect(ulps).toBeGreaterThanOrEqual(0);
      expect(scale).toBeGreaterThanOrEqual(0);
    };
    examples.forEach(check);
    for (const dtype of dtypes) fc.assert(fc.property(arbitrary(dtype), check), { numRuns: 10 });
    if (smooth === null) return;
    const doubles = (own: OpCase<object>): boolean =>
      own.inputs.every(({ dtype }) => !["float32", "float16", "bfloat16"].includes(dtype));
    fc.assert(
      fc.property(smooth, (own) => {
        check(own);
        return doubles(own);
      }),
      { numRuns: 10 },
    );
  });
});

describe("agrees", () => {
  test("in units of the last place of the larger of value and scale", () => {
    const within = agrees("float32", { ulps: 2, scale: 0 });
    expect(within(1 + 2 ** -22, 1)).toBe(true);
    expect(within(1 + 3 * 2 ** -23, 1)).toBe(false);
    expect(within(1e-3 + 2 ** -22, 1e-3)).toBe(false);
    expect(agrees("float32", { ulps: 2, scale: 1 })(1e-3 + 2 ** -22, 1e-3)).toBe(true);
  });

  test("NaN, infinities, zeros and whole numbers must be the same", () => {
    const within = agrees("float32", { ulps: 1e6, scale: 1 });
    expect(within(NaN, NaN)).toBe(true);
    expect(within(NaN, 1)).toBe(false);
    expect(within(1, NaN)).toBe(false);
    expect(within(3e38, Infinity)).toBe(false);
    expect(within(Infinity, 3e38)).toBe(false);
    expect(agrees("float32", { ulps: 0, scale: 0 })(-0, 0)).toBe(true);
    expect(agrees("int32", { ulps: 1e6, scale: 1 })(1, 2)).toBe(false);
  });
});
