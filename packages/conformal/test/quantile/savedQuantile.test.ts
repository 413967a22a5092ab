import fc from "fast-check";
import { expect, test } from "vitest";
import { conformalQuantile } from "../../src/quantile/quantile.ts";
import { readQuantile, saveQuantile } from "../../src/quantile/savedQuantile.ts";
import { codeOf } from "../codeOf.ts";

test("a quantile survives JSON text", () => {
  const scores = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(scores, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (values, alpha) => {
      const quantile = conformalQuantile(values, alpha);
      const saved: unknown = JSON.parse(JSON.stringify(saveQuantile(quantile)));
      expect(readQuantile("here", "q", saved, alpha)).toEqual(quantile);
    }),
  );
});

test("a hand-edited quantile is refused", () => {
  const saved = { value: 3, rank: 3, n: 4 };
  expect(readQuantile("here", "q", saved, 0.5)).toEqual({ value: 3, rank: 3, n: 4, finite: true, level: 0.6 });
  for (const change of [{ rank: 2 }, { n: 3 }, { value: "a" }, { rank: undefined }]) {
    expect(codeOf(() => readQuantile("here", "q", { ...saved, ...change }, 0.5))).toBe("E_JSON");
  }
  expect(codeOf(() => readQuantile("here", "q", { value: 3, rank: 5, n: 4 }, 0.1))).toBe("E_JSON");
  expect(codeOf(() => readQuantile("here", "q", [3, 3, 4], 0.5))).toBe("E_JSON");
});
