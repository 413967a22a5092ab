import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../../scripts/vitest/svg.ts";
import { aggregate } from "../../src/index.ts";
import { measureChart } from "../../src/report/index.ts";
import { endsOf } from "../../src/report/measureChart.ts";
import { codeOf, handResults, linesOf } from "./helpers.ts";

const summary = aggregate(handResults, { losses: [0.35, 0.25, 0.1] });
const tips = (svg: string): string[] =>
  checkedChart(svg)
    .filter(({ name }) => name === "title")
    .map(({ text }) => text)
    .slice(1);

test("means stand at their densities, from dense to sparse", () => {
  const svg = measureChart(summary, "earlyStop.test.accuracy");
  expect(tips(svg)).toEqual([
    "ticket: 1, 0.905",
    "ticket: 0.5, 0.925",
    "ticket: 0.1, 0.875",
    "random reinitialisation: 0.1, 0.305",
  ]);
  const [line = []] = linesOf(checkedChart(svg), "pc-line1");
  // The axis has one decade over 470 pixels from the left end at 70.
  expect(line.map(([x]) => x)).toEqual([70, expect.closeTo(70 + 470 * Math.log10(2), 1), 540]);
  expect(textsOf(checkedChart(svg))).toEqual(
    expect.arrayContaining(["ticket", "random reinitialisation", "dense net", "100%", "10%", "weights remaining"]),
  );
});

test("the dashed line is the dense net", () => {
  const all = checkedChart(measureChart(summary, "earlyStop.test.accuracy"));
  const [dense = []] = linesOf(all, "pc-promise");
  const [ticket = []] = linesOf(all, "pc-line1");
  expect(dense[0]?.[1]).toBe(ticket[0]?.[1]);
  expect(linesOf(checkedChart(measureChart(summary, "final.test.accuracy", { dense: false })), "pc-promise")).toEqual(
    [],
  );
});

test("bands are ranges, confidence intervals, or nothing", () => {
  const two = { n: 2, missing: 0, mean: 5, min: 4, max: 6, standardError: 1, interval: [-8, 18] } as const;
  const one = { n: 1, missing: 0, mean: 3, min: 3, max: 3 };
  expect(endsOf([two, one, undefined], "range")).toEqual({ lower: [4, 3, Number.NaN], upper: [6, 3, Number.NaN] });
  expect(endsOf([two, one], "interval")).toEqual({ lower: [-8, 3], upper: [18, 3] });
  expect(endsOf([two], "none")).toEqual({});
  const area = (band: "range" | "interval" | "none"): string | undefined =>
    checkedChart(measureChart(summary, "earlyStop.test.accuracy", { band, nets: ["ticket"] })).find(
      ({ attributes }) => attributes["fill-opacity"] === "0.18",
    )?.attributes["d"];
  expect(area("none")).toBe(undefined);
  expect(area("interval")).toBeDefined();
  expect(area("range")).not.toBe(area("interval"));
});

test("levels at which some run has no value are left out", () => {
  // Level 0 never comes to 0.35, nor do level 2 and the control; level 1 does with both seeds.
  expect(tips(measureChart(summary, "stepsTo(0.35)"))).toEqual(["ticket: 0.5, 10"]);
  // To 0.25 comes one seed of two.
  expect(summary.rows[1]?.measures["stepsTo(0.25)"]).toMatchObject({ n: 1, missing: 1, mean: 10 });
  expect(tips(measureChart(summary, "stepsTo(0.25)"))).toEqual([]);
  expect(tips(measureChart(summary, "stepsTo(0.1)"))).toEqual([]);
});

test("a net has one look in all charts", () => {
  const all = checkedChart(measureChart(summary, "earlyStop.step", { nets: ["reinit"] }));
  expect(all.some(({ attributes }) => attributes["class"] === "pc-line2")).toBe(true);
  expect(linesOf(all, "pc-line1")).toEqual([]);
});

test("names of one's own", () => {
  const svg = measureChart(summary, "earlyStop.step", { names: { reinit: "<new> weights" } });
  expect(textsOf(checkedChart(svg))).toContain("<new> weights");
});

test("bad input", () => {
  expect(codeOf(() => measureChart(summary, "final.test.f1"))).toBe("E_OPTION");
  expect(codeOf(() => measureChart(summary, "kept", { nets: ["other"] }))).toBe("E_OPTION");
  expect(codeOf(() => measureChart(summary, "kept", { experiment: "other" }))).toBe("E_OPTION");
  expect(codeOf(() => measureChart(summary, "kept", { band: "all" as "range" }))).toBe("E_OPTION");
  const two = { ...summary, rows: [...summary.rows, ...summary.rows.map((row) => ({ ...row, experiment: "b" }))] };
  expect(codeOf(() => measureChart(two, "kept"))).toBe("E_OPTION");
  checkedChart(measureChart(two, "kept", { experiment: "b" }));
  checkedChart(measureChart({ confidence: 0.95, rows: [] }, "kept"));
});
