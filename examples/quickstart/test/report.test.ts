import { expect, test } from "vitest";
import { coverageInterval, reliabilityBins, topLabels, uniformStream } from "@parsimony/conformal";
import { curve, evaluate, methods } from "../src/evaluate.ts";
import { renderReport } from "../src/report.ts";

const uniform = uniformStream(1);

/** Digits without pixels, and probabilities that are right: labels are drawn from them. */
function simulated(count: number) {
  const rows = Array.from({ length: count }, () => {
    const odds = Array.from({ length: 10 }, () => Math.exp(8 * uniform() ** 3));
    const total = odds.reduce((sum, value) => sum + value);
    return odds.map((value) => value / total);
  });
  const labels = Uint8Array.from(rows, (row) => {
    let left = uniform();
    return Math.max(
      0,
      row.findIndex((p) => {
        left -= p;
        return left < 0;
      }),
    );
  });
  return {
    digits: { count, images: new Uint8Array(0), labels },
    rows: { data: Float32Array.from(rows.flat()), shape: [count, 10] as const },
  };
}

const calibration = simulated(800);
const tests = simulated(800);
const data = {
  calibrationRows: calibration.rows,
  calibration: calibration.digits,
  testRows: tests.rows,
  test: tests.digits,
};
const results = methods.map((method) => evaluate(method, data, 0.1, 0));

test("every method with one threshold covers as the beta-binomial law says, at risk 1e-6", () => {
  const { lower, upper } = coverageInterval({ n: 800, rank: 721 }, 800, { confidence: 1 - 1e-6 });
  for (const { coverage, byLabel } of results) {
    if (byLabel) continue;
    expect(coverage).toBeGreaterThanOrEqual(lower);
    expect(coverage).toBeLessThanOrEqual(upper);
  }
});

test("the page is self-contained, and has everything in it", () => {
  const { confidences, outcomes } = topLabels(tests.rows, tests.digits.labels);
  const page = renderReport({
    backend: "none",
    seed: 0,
    epochs: 1,
    seconds: 1,
    imagesPerSecond: 1,
    losses: [1, 0.5, 0.25],
    stepsPerPoint: 50,
    accuracy: 0.9,
    trained: 1,
    calibrated: 800,
    tested: 800,
    alpha: 0.1,
    results,
    curve: curve(data),
    reliability: reliabilityBins(confidences, outcomes),
    ambiguous: [
      { pixels: new Uint8Array(784), label: 3, set: [3, 5], probabilities: [0, 0, 0, 0.6, 0, 0.4, 0, 0, 0, 0] },
    ],
  });
  expect(page).not.toMatch(/NaN|undefined|<script|<link|src="(?!data:)/);
  expect(page.match(/<svg/g)?.length).toBe(2 + 3 * methods.length + 1);
  for (const { name } of methods) expect(page).toContain(`<h2>${name}</h2>`);
});
