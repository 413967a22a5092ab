import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

test("digits.ts: every marginal method covers within its exact interval, lac has the smallest sets", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import("../../examples/digits.ts");
  const [first, ...lines] = log.mock.calls.map((call) => String(call[0]));
  expect(first).toMatch(/^accuracy 0\.8\d+ on 6000 digits/);
  const methods = lines.map((line) => {
    const [coverage = 0, lower = 0, upper = 1] = (/coverage (.*), mean/.exec(line)?.[1]?.match(/\d\.\d+/g) ?? []).map(
      Number,
    );
    const [size = 0, worst = 0] = (/mean size (.*), by size/.exec(line)?.[1]?.match(/\d\.\d+/g) ?? []).map(Number);
    return { name: line.split(":")[0] as string, coverage, lower, upper, size, worst };
  });
  expect(methods.map(({ name }) => name)).toEqual([
    "lac",
    "margin",
    "aps",
    "raps",
    "saps",
    "topK",
    "lac for each class",
    "aps for each class",
  ]);
  for (const { coverage, lower, upper } of methods) {
    expect(coverage).toBeGreaterThanOrEqual(lower);
    expect(coverage).toBeLessThanOrEqual(upper);
  }
  const marginal = methods.slice(0, 6);
  expect(Math.min(...marginal.map(({ size }) => size))).toBe(marginal[0]?.size);
  expect(methods[6]?.worst).toBeGreaterThan(marginal[0]?.worst as number);
  // 180 calibration rows (rank 172) and 550 test rows of a class: below 0.805 with probability 1e-7, by the exact law.
  expect(methods[6]?.worst).toBeGreaterThan(0.805);
});
