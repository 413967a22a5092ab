import { calibrateTreeSets, covers } from "@parsimony/conformal/tree";
import { expect, test } from "vitest";
import { makePredictions } from "../../examples/holes/predictions.ts";
import { htmlReport, rowText, shownText } from "../../examples/holes/report.ts";
import { BUDGETS, study } from "../../examples/holes/study.ts";

// A part of what examples/holes.ts does with more packages and more settings.
test("holes.ts: partial programs of a language model are as reliable as promised, and without a margin they are not", () => {
  const predictions = makePredictions({ packages: ["acorn"], seed: 1, blank: 0.1 });
  expect(predictions.length).toBeGreaterThan(300);
  const options = { maxHoles: [3], alphas: [0.1, 0.2], delta: 0.1, calibration: 200, draws: 200, seed: 2 };
  const rows = study(predictions, options);
  for (const { asPromised, kept, error, alpha } of rows) {
    expect(asPromised).toBe(true);
    expect(kept).toBeGreaterThan(0.7);
    expect(error).toBeLessThan(alpha);
  }
  const careless = study(predictions, { ...options, allowed: (n, alpha) => Math.floor(n * alpha) });
  expect(careless.some(({ asPromised }) => !asPromised)).toBe(true);

  const half = predictions.filter((_, i) => i % 2 === 0);
  const calibrator = calibrateTreeSets({ examples: half, budgets: BUDGETS, maxHoles: 3, alpha: 0.2, delta: 0.1 });
  const shown = predictions.slice(0, 40).map((prediction) => {
    const set = calibrator.predictSet(prediction.predicted);
    return { prediction, set, right: covers(set.partial, prediction.target) };
  });
  expect(shown.filter(({ right }) => right).length).toBeGreaterThan(25);
  expect(shownText(shown[0]!).split("\n").length).toBe(3);
  const page = htmlReport("Holes", rows, shown);
  expect(page).toContain("<mark>□</mark>");
  expect(page).toContain(rowText(rows[0]!));
});
