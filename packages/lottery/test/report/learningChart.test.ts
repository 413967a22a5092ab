import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../../scripts/vitest/svg.ts";
import { aggregate, learningCurves } from "../../src/index.ts";
import { learningChart } from "../../src/report/index.ts";
import { spaced } from "../../src/report/learningChart.ts";
import { codeOf, handResults, linesOf } from "./helpers.ts";

const points = learningCurves(handResults);
const summary = aggregate(handResults);

test("a line for each level, named by density", () => {
  const all = checkedChart(learningChart(points, { summary }));
  expect(textsOf(all)).toEqual(expect.arrayContaining(["100%", "50.0%", "10.0%", "training iterations"]));
  const [dense = []] = linesOf(all, "pc-line1");
  expect(dense.map(([x]) => x)).toEqual([70, 305, 540]);
  expect(textsOf(checkedChart(learningChart(points)))).toEqual(expect.arrayContaining(["level 0", "level 2"]));
});

test("the axis is made for what comes after the first steps", () => {
  const ticks = (skip: number): number[] =>
    checkedChart(learningChart(points, { skip }))
      .filter(({ name, attributes }) => name === "text" && attributes["text-anchor"] === "end")
      .map(({ text }) => Number(text));
  expect(Math.max(...ticks(0.1))).toBe(0.8);
  expect(Math.max(...ticks(0))).toBe(2);
  const [line = []] = linesOf(checkedChart(learningChart(points)), "pc-line1");
  expect(line[0]?.[1]).toBe(56);
});

test("controls beside tickets", () => {
  const curves = [
    { net: "ticket", level: 2 },
    { net: "reinit", level: 2 },
  ];
  const texts = textsOf(checkedChart(learningChart(points, { curves, summary, band: "none" })));
  expect(texts).toEqual(expect.arrayContaining(["ticket, 10.0%", "random reinitialisation, 10.0%"]));
});

test("levels are spaced evenly, first and last among them", () => {
  expect(spaced([0, 1, 2], 6)).toEqual([0, 1, 2]);
  expect(
    spaced(
      Array.from({ length: 21 }, (_, i) => i),
      6,
    ),
  ).toEqual([0, 4, 8, 12, 16, 20]);
});

test("bad input", () => {
  expect(codeOf(() => learningChart(points, { curves: [{ net: "reinit", level: 1 }] }))).toBe("E_OPTION");
  const many = Array.from({ length: 13 }, () => ({ net: "ticket", level: 0 }));
  expect(codeOf(() => learningChart(points, { curves: many }))).toBe("E_OPTION");
  expect(codeOf(() => learningChart(points, { skip: 1 }))).toBe("E_OPTION");
  expect(codeOf(() => learningChart(points, { experiment: "other" }))).toBe("E_OPTION");
  checkedChart(learningChart([]));
});
