import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<string[][]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map((call) => String(call[0]).split(/: |, (?=covered|mean width|exceeded|valid|not)/));
}

const numberIn = (text: string | undefined) => Number(/-?[\d.]+/.exec(text ?? "")?.[0]);

test("nextTen.ts: every interval is valid, and a guess at the residuals narrows the one for the mean", async () => {
  const lines = await printedBy(() => import("../../examples/nextTen.ts"));
  expect(lines.length).toBe(5);
  for (const [, covered, , verdict] of lines) {
    expect(numberIn(covered)).toBeGreaterThan(90);
    expect(verdict).toBe("valid");
  }
  const [guessed, plain, simultaneous, bonferroni] = lines.map(([, , width]) => numberIn(width));
  expect(guessed).toBeLessThan(0.9 * (plain as number));
  expect(plain).toBeLessThan(0.6 * (simultaneous as number));
  expect(plain).toBeLessThan(0.6 * (bonferroni as number));
});

test("fewDuds.ts: selections keep their promise, and select more than Bonferroni; single levels don't", async () => {
  const lines = await printedBy(() => import("../../examples/fewDuds.ts"));
  expect(lines.map(([, , , verdict]) => verdict)).toEqual(["valid", "valid", "valid", "not valid"]);
  const [none, three, bonferroni] = lines.map(([, selected]) => numberIn(selected));
  expect(three).toBeGreaterThan(2 * (none as number));
  expect(none).toBeGreaterThan(bonferroni as number);
});
