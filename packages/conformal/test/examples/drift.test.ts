import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

test("drift.ts: a fixed threshold fails in the crisis, online methods recover and keep their bounds", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await import("../../examples/drift.ts");
  const lines = log.mock.calls.map((call) => String(call[0]));
  expect(lines.map((line) => line.split(":")[0])).toEqual([
    "fixed split",
    "aci",
    "dtAci",
    "agAci",
    "saocp",
    "tracker",
    "pid",
  ]);
  const bounded: string[] = [];
  for (const line of lines) {
    const [, name, overall, promise, worst] =
      /^([^:]+): coverage ([\d.]+) \(([^)]*)\), worst 250 days ([\d.]+)/.exec(line) ?? [];
    const bound = /within ([\d.]+)/.exec(promise as string)?.[1];
    if (bound !== undefined) {
      bounded.push(name as string);
      expect(Math.abs(Number(overall) - 0.9)).toBeLessThanOrEqual(Number(bound));
      expect(Number(bound)).toBeLessThan(0.05);
    }
    if (name === "fixed split") {
      expect(Number(overall)).toBeLessThan(0.85);
      expect(Number(worst)).toBeLessThan(0.5);
    } else {
      expect(Math.abs(Number(overall) - 0.9)).toBeLessThan(0.02);
      expect(Number(worst)).toBeGreaterThan(0.8);
    }
  }
  expect(bounded).toEqual(["aci", "tracker", "pid"]);
});
