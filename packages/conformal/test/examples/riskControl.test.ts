import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

test("riskControl.ts: the mean risk is controlled, and with rcps and learn then test that of nearly every split", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import("../../examples/riskControl.ts");
  const lines = log.mock.calls.map((call) => String(call[0]));
  const found = lines.map((line) => ({
    name: line.split(":")[0],
    risk: Number(/(?:misses|wrong) ([\d.]+)/.exec(line)?.[1]),
    over: Number(/in (\d+) of 20 splits/.exec(line)?.[1]),
  }));
  const [half, control, sets, everything, safe] = found;
  expect(found.length).toBe(5);
  expect(half).toMatchObject({ name: "probability one half", over: 20 });
  expect(control?.risk).toBeLessThanOrEqual(0.1);
  // Near the limit: a rule that gave everything away would be no use.
  expect(control?.risk).toBeGreaterThan(0.09);
  expect(sets?.risk).toBeLessThan(control?.risk as number);
  expect(sets?.over).toBeLessThan(control?.over as number);
  // More than 10 of 20 at a probability of 0.1 each: less than 1e-6.
  expect(sets?.over).toBeLessThanOrEqual(10);
  expect(everything).toMatchObject({ name: "read everything", over: 20 });
  expect(safe?.over).toBeLessThanOrEqual(10);
  expect(safe?.risk).toBeLessThan(0.02);
  expect(Number(/reads ([\d.]+)/.exec(lines[4] as string)?.[1])).toBeGreaterThan(0.4);
});
