import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map((call) => String(call[0]));
}

const numbersIn = (line: string | undefined) => (line?.match(/\d\.\d+/g) ?? []).map(Number);

test("sets.ts: every method covers within its interval", async () => {
  const lines = await printedBy(() => import("../examples/sets.ts"));
  expect(lines.length).toBe(3);
  for (const line of lines) {
    const [observed = 0, lower = 1, upper = 0] = numbersIn(line);
    expect(observed).toBeGreaterThanOrEqual(lower);
    expect(observed).toBeLessThanOrEqual(upper);
  }
});

test("everyClass.ts: the neglected class is covered by its own threshold only", async () => {
  const [marginal, labelConditional] = await printedBy(() => import("../examples/everyClass.ts"));
  expect(numbersIn(marginal)[1]).toBeLessThan(0.85);
  expect(numbersIn(labelConditional)[1]).toBeGreaterThan(0.87);
});

test("ownPredictor.ts: the mistake is caught, the conformal procedure is not", async () => {
  const lines = await printedBy(() => import("../examples/ownPredictor.ts"));
  expect(lines.map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
    "conformal: valid",
    "plain: not valid",
  ]);
});
