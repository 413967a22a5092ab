import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map(([first]) => String(first));
}

test("faces.ts: both detectors inside their budgets, the same bits", async () => {
  const printed = await printedBy(() => import("../examples/faces.ts"));
  const verdicts = printed.filter((line) => line.includes("same bits"));
  expect(verdicts).toEqual(Array.from({ length: 2 }, () => "  same bits: true; memory used is the plan's: true"));
  expect(printed.filter((line) => /budget (256|1280) KiB: \1\.0 KiB used/.test(line))).toHaveLength(2);
});

test("upscale.ts: no error tile by tile, seams where the border is guessed", async () => {
  const printed = await printedBy(() => import("../examples/upscale.ts"));
  const worst = (kind: string) =>
    printed
      .filter((line) => line.includes(kind))
      .map((line) => Number(/error at most ([\d.]+)/.exec(line)?.[1] ?? Number.NaN));
  expect(worst("exact")).toEqual([0, 0, 0]);
  const guessed = worst("guessed");
  expect(guessed).toHaveLength(4);
  for (const error of guessed) expect(error).toBeGreaterThan(0.01);
});
