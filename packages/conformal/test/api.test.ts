import { expect, test } from "vitest";

test("the names that users import", async () => {
  expect(Object.keys(await import("@parsimony/conformal")).sort()).toMatchInlineSnapshot(`
    [
      "ConformalError",
      "alphaFromConfidence",
      "aps",
      "conformalPValue",
      "conformalQuantile",
      "conformalRank",
      "coverage",
      "coverageByClass",
      "coverageInterval",
      "lac",
      "meanSetSize",
      "rowUniform",
      "setSizes",
      "sizeStratifiedCoverage",
      "splitClassifier",
      "splitClassifierFromJSON",
      "uniformStream",
    ]
  `);
  expect(Object.keys(await import("@parsimony/conformal/testing")).sort()).toMatchInlineSnapshot(`
    [
      "assertLaw",
      "labelledRows",
      "marginalCoverageLaw",
      "nestedInAlphaLaw",
      "permutationInvarianceLaw",
      "probabilityRow",
      "splitProcedure",
    ]
  `);
});
