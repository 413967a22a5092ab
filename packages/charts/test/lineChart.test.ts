import fc from "fast-check";
import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../scripts/vitest/svg.ts";
import { type Node, pathPoints } from "../../../scripts/vitest/xml.ts";
import { lineChart } from "../src/lineChart.ts";
import type { LineSeries } from "../src/series.ts";
import { chartOptions, hostile } from "./arbitraries.ts";
import { codeOf } from "./codeOf.ts";

const withClass = (all: readonly Node[], name: string): Node[] =>
  all.filter(({ attributes }) => attributes["class"] === name);
const pointsOf = (node: Node | undefined): [number, number][] => pathPoints(node?.attributes["d"] ?? "");
/** The line itself, after its sample in the legend. */
const drawn = (all: readonly Node[], name: string): Node | undefined => withClass(all, name).at(-1);

const anyNumber = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double());

test("anything is drawn inside the chart, as well-formed SVG", () => {
  const point = fc.record({ x: anyNumber, y: anyNumber, lower: anyNumber, upper: anyNumber });
  const series = fc
    .record({
      points: fc.array(point, { maxLength: 30 }),
      name: hostile,
      interval: fc.constantFrom("band", "bars"),
      step: fc.boolean(),
      line: fc.boolean(),
      markers: fc.boolean(),
      look: fc.integer({ min: 0, max: 11 }),
      hasX: fc.boolean(),
      hasInterval: fc.boolean(),
    })
    .map(({ points, hasX, hasInterval, ...rest }): LineSeries => {
      const column = (of: "x" | "y" | "lower" | "upper"): number[] => points.map((each) => each[of]);
      return {
        ...rest,
        interval: rest.interval as "band" | "bars",
        y: column("y"),
        ...(hasX ? { x: column("x") } : {}),
        ...(hasInterval ? { lower: column("lower"), upper: column("upper") } : {}),
      };
    });
  const reference = fc.oneof(
    fc.record({ x: fc.integer({ min: -9, max: 9 }), name: hostile }),
    fc.record({ y: fc.integer({ min: -9, max: 9 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(series, { maxLength: 12 }),
      fc.array(reference, { maxLength: 3 }),
      chartOptions,
      hostile,
      fc.boolean(),
      (list, references, style, label, reversed) => {
        checkedChart(lineChart(list, { ...style, references, x: { label, reversed }, y: { label, reversed } }));
      },
    ),
    { numRuns: 60 },
  );
});

test("logarithmic axes take any positive numbers", () => {
  const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(positive, positive), { maxLength: 20 }), fc.boolean(), (list, reversed) => {
      const [x, y] = [list.map(([at]) => at), list.map(([, value]) => value)];
      checkedChart(lineChart([{ x, y }], { x: { scale: "log", reversed }, y: { scale: "log" } }));
    }),
    { numRuns: 40 },
  );
});

test("a reversed logarithmic axis goes from dense to sparse", () => {
  const x = [1, 0.5, 0.1, 0.01];
  const all = checkedChart(
    lineChart([{ x, y: [1, 2, 3, 4] }], { x: { scale: "log", reversed: true, format: "percent" } }),
  );
  // The frame reaches from 70 to 540; the axis has two decades.
  const places = pointsOf(drawn(all, "pc-line1")).map(([at]) => at);
  expect(places).toEqual([70, expect.closeTo(70 + 235 * Math.log10(2), 1), 305, 540]);
  const ticks = textsOf(all).filter((text) => text.endsWith("%"));
  expect(ticks).toEqual(["100%", "50%", "20%", "10%", "5%", "2%", "1%"]);
});

test("points are where the numbers are", () => {
  const all = checkedChart(lineChart([{ x: [0, 5, 10], y: [0, 0.5, 1] }]));
  expect(pointsOf(drawn(all, "pc-line1"))).toEqual([
    [70, 262],
    [305, 159],
    [540, 56],
  ]);
});

test("a band goes along the lower ends and back along the upper ones, closed", () => {
  const all = checkedChart(lineChart([{ y: [1, 1], lower: [0, 0], upper: [2, 2] }]));
  const [band] = withClass(all, "pc-fill1");
  expect(pointsOf(band)).toEqual([
    [70, 262],
    [540, 262],
    [540, 56],
    [70, 56],
    [70, 56],
  ]);
});

test("error bars stand at the points", () => {
  const all = checkedChart(lineChart([{ y: [1, 1], lower: [0, 0], upper: [2, 2], interval: "bars" }]));
  expect(withClass(all, "pc-fill1")).toEqual([]);
  const [first, second] = withClass(all, "pc-line1");
  expect(first?.attributes["d"]).toBe("M67 262H73M67 56H73M70 262V56");
  expect(second?.attributes["d"]).toBe("M537 262H543M537 56H543M540 262V56");
});

test("scatter points have marks with their numbers, and no line", () => {
  const all = checkedChart(lineChart([{ name: "seen", x: [3, 1], y: [1, 2], line: false }]));
  expect(withClass(all, "pc-line1")).toEqual([]);
  const tips = all.filter(({ name }) => name === "title").map(({ text }) => text);
  expect(tips).toEqual(["Over time", "seen: 3, 1", "seen: 1, 2"]);
});

test("twelve series all look different", () => {
  const all = checkedChart(
    lineChart(
      Array.from({ length: 12 }, (_, k) => ({ y: [k, k], markers: true })),
      { height: 400 },
    ),
  );
  const lines = all.filter(({ attributes }) => /^pc-line/.test(attributes["class"] ?? ""));
  const looks = lines.map(({ attributes }) => `${attributes["class"]} ${attributes["stroke-dasharray"]}`);
  expect(new Set(looks).size).toBe(12);
});

test("a look is the same in charts of few and of many series", () => {
  const alone = checkedChart(lineChart([{ y: [0, 1], look: 4 }]));
  expect(drawn(alone, "pc-line5")?.attributes["stroke-dasharray"]).toBe("8 3 2 3");
});

test("reference lines are dashed, named, and inside the axes", () => {
  const all = checkedChart(
    lineChart([{ y: [1, 2] }], { references: [{ y: 4, name: "wanted" }, { x: 1 }], y: { from: 0 } }),
  );
  const [sample, level, upright] = withClass(all, "pc-promise").map(pointsOf);
  expect(sample).toEqual([
    [12, 33],
    [28, 33],
  ]);
  expect(level).toEqual([
    [70, 56],
    [540, 56],
  ]);
  expect(upright).toEqual([
    [540, 262],
    [540, 56],
  ]);
  expect(textsOf(all)).toContain("wanted");
});

test("the legend takes more rows when it has to, and the frame begins below it", () => {
  const names = ["winning ticket", "random reinitialisation", "random mask", "random reinitialisation and mask"];
  const all = checkedChart(lineChart(names.map((name) => ({ name, y: [0, 1] }))));
  expect(textsOf(all)).toEqual(expect.arrayContaining(names));
  const rows = new Set(withClass(all, "pc-quiet").map(({ attributes }) => attributes["y"]));
  expect(rows.has("37")).toBe(true);
  expect(rows.has("55")).toBe(true);
  const top = Math.min(...pointsOf(drawn(all, "pc-line1")).map(([, y]) => y));
  expect(top).toBe(56 + 18);
});

test("long series are thinned out, and end where they end", () => {
  const all = checkedChart(lineChart([{ y: Array.from({ length: 10_001 }, (_, i) => i) }]));
  const points = pointsOf(drawn(all, "pc-line1"));
  expect(points.length).toBeLessThanOrEqual(1202);
  expect(points.at(-1)).toEqual([540, 56]);
});

test("bad input", () => {
  const lines = (count: number): LineSeries[] => Array.from({ length: count }, () => ({ y: [1] }));
  expect(codeOf(() => lineChart(lines(13)))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [1], x: [] }]))).toBe("E_LENGTH");
  expect(codeOf(() => lineChart([{ y: [1], lower: [1, 2] }]))).toBe("E_LENGTH");
  expect(codeOf(() => lineChart([{ y: [1], look: 12 }]))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [0] }], { y: { scale: "log" } }))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [1] }], { x: { scale: "log" } }))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [1] }], { y: { scale: "log", from: 0 } }))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [1] }], { y: { to: Infinity } }))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([], { references: [{ y: 1 }, { x: Number.NaN }] }))).toBe("E_RANGE at 1");
  expect(() => lineChart([{ y: [1], x: [] }])).toThrow("lineChart: series[0].x must have 1 elements, got 0");
});
