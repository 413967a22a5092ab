import { expect, test, vi } from "vitest";

const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
const { brokenPredictors, validPredictors } = await import("../../examples/brokenPredictors.ts");
const lines = log.mock.calls.map((call) => String(call[0]));
log.mockRestore();

test("every broken predictor is caught, by the law that is about its mistake", () => {
  const caught = lines.filter((line) => line.startsWith("broken: ")).map((line) => line.split(": ").slice(1, 3));
  expect(Object.fromEntries(caught)).toEqual({
    "rank clamped to n": "caught by enumeratedCoverage",
    "one rank too low": "caught by enumeratedCoverage",
    "quantile of n scores, without the + 1": "caught by enumeratedCoverage",
    "Math.ceil of a product that was rounded": "caught by enumeratedCoverage",
    "strictly below the threshold": "caught by enumeratedCoverage",
    "mean plus two deviations": "caught by scoreOrderLaw",
    "fitted to the calibration examples": "caught by marginalCoverageLaw",
    "looks at the label of the test example": "caught by truthBlindLaw",
    "depends on the order of the calibration examples": "caught by permutationInvarianceLaw",
    "APS, u drawn anew at each call": "caught by nestedInAlphaLaw",
    "APS, u in the calibration only": "caught by marginalCoverageLaw",
    "the least probable labels first": "caught by labelOrderLaw",
    "more labels at larger alpha": "caught by nestedInAlphaLaw",
    "quantile of signed residuals": "caught by marginalCoverageLaw",
    "half of the width": "caught by marginalCoverageLaw",
    "an interval around the truth": "caught by truthBlindLaw",
    "one threshold, promised for every class": "caught by conditionalCoverageLaw",
    "the conformal quantile, promised as PAC": "caught by pacLaw",
    "the conformal quantile, promised for all of a batch": "caught by batchLaw",
    "a threshold that never moves": "caught by longRunLaw",
    "a threshold that flees from its errors": "caught by longRunLaw",
    "test scores that drift": "caught by exchangeabilityCheck",
  });
  expect(caught.length).toBe(Object.keys(brokenPredictors).length);
});

test("no right predictor is accused", () => {
  const right = lines.filter((line) => line.startsWith("right: "));
  expect(right.length).toBe(Object.keys(validPredictors).length);
  for (const line of right) expect(line).toMatch(/every law holds$/);
});

test.each(Object.entries(validPredictors))("no false alarm in 50 seeds: %s", (_name, suite) => {
  for (let seed = 1; seed <= 50; seed++) {
    expect(suite(seed, 20).filter(({ holds }) => !holds)).toEqual([]);
  }
});

test.each(Object.entries(brokenPredictors).filter(([name]) => !/Math.ceil/.test(name)))(
  "caught with other seeds too: %s",
  (_name, suite) => {
    for (const seed of [3]) expect(suite(seed, 1000).some(({ holds }) => !holds)).toBe(true);
  },
);
