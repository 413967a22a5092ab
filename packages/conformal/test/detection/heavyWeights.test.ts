import { expect, test } from "vitest";
import { outlierPValues } from "../../src/detection/index.ts";

test("weights with a sum beyond the range of doubles give the p-values of the same weights, halved", () => {
  for (const score of [0, 1, 2]) {
    for (const u of [undefined, [0.25]]) {
      const given = (weight: number) =>
        outlierPValues([1], [score], { weights: [weight], testWeights: [weight], ...(u === undefined ? {} : { u }) });
      expect(given(1.5 * 2 ** 1023)).toEqual(given(1.5));
    }
  }
});
