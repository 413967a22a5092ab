import { afterEach, expect, test, vi } from "vitest";
import { binomialCdf } from "../../src/base/binomial.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("intervals.ts: every method keeps what it guarantees on real tables", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import("../../examples/intervals.ts");
  const lines = log.mock.calls.map((call) => String(call[0]));
  const within = lines.filter((line) => line.includes("exact bounds"));
  expect(within.length).toBe(9);
  for (const line of within) {
    const [coverage, , lower, upper] = (line.match(/\d+\.\d+/g) ?? []).map(Number) as [number, number, number, number];
    expect(coverage).toBeGreaterThanOrEqual(lower);
    expect(coverage).toBeLessThanOrEqual(upper);
  }
  // Samples with one new row each are independent trials: an exact binomial bound for each method.
  const counted = lines.filter((line) => line.includes("covered"));
  expect(counted.length).toBe(5);
  for (const line of counted) {
    const [, covered, trials, level] = /covered (\d+) of (\d+), guaranteed ([\d.]+)/.exec(line) ?? [];
    expect(binomialCdf(Number(covered), Number(trials), Number(level) - 0.0005)).toBeGreaterThan(1e-6);
  }
  const width = (label: string) =>
    Number(/width ([\d.]+)/.exec(lines.filter((line) => line.includes(label)).at(-1) ?? "")?.[1]);
  expect(width("jackknife+:")).toBeLessThan(width("jackknife-minmax"));
  expect(width("jackknife+:")).toBeLessThan(width("split, absolute"));
});
