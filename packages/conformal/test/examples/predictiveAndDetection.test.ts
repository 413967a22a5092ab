import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<number[][]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map((call) => (String(call[0]).match(/\d+\.\d+/g) ?? []).map(Number));
}

test("candidates.ts: conformal selection keeps the allowed share of mistakes, the plain rule does not", async () => {
  const [selection = [], plain = []] = await printedBy(() => import("../../examples/candidates.ts"));
  const [taken = 0, wrong = 1, allowed = 0, found = 0] = selection;
  expect(wrong).toBeLessThanOrEqual(allowed);
  expect(taken).toBeGreaterThan(5);
  expect(found).toBeGreaterThan(0.1);
  expect(plain[1]).toBeGreaterThan(1.5 * allowed);
});

test("probabilities.ts: calibration mends naive Bayes, and folds beat one split", async () => {
  const [before = [], inductive = [], cross = []] = await printedBy(() => import("../../examples/probabilities.ts"));
  for (let measure = 0; measure < 3; measure++) {
    expect(inductive[measure]).toBeLessThan(0.9 * (before[measure] as number));
    expect(cross[measure]).toBeLessThan(inductive[measure] as number);
  }
  expect(Math.max(inductive[2] as number, cross[2] as number)).toBeLessThan(0.05);
});

test("distribution.ts: intervals of both levels cover, the bell curve's middle half is off, normalising lowers CRPS", async () => {
  const lines = await printedBy(() => import("../../examples/distribution.ts"));
  const [bell = [], plain = [], normalised = []] = lines;
  expect(bell[1]).toBeGreaterThan(0.55);
  for (const [, half = 0, most = 0] of [plain, normalised]) {
    expect(Math.abs(half - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(most - 0.9)).toBeLessThan(0.03);
  }
  expect(normalised[0]).toBeLessThan(bell[0] as number);
});
