import fc from "fast-check";
import { expect, test } from "vitest";
import { reliabilityBins } from "../../src/metrics/calibration.ts";
import { coverageCurve } from "../../src/metrics/coverageCurve.ts";
import { coverageByGroup } from "../../src/metrics/groups.ts";
import {
  type ChartOptions,
  coverageCurveChart,
  groupCoverageChart,
  intervalSeriesChart,
  lineChart,
  onlineCoverageChart,
  reliabilityChart,
  reportPage,
  setSizeChart,
} from "../../src/report/index.ts";
import { codeOf } from "../codeOf.ts";
import { checkedChart as checked } from "../../../../scripts/vitest/svg.ts";
import { type Node, parseXml, pathPoints } from "../../../../scripts/vitest/xml.ts";

/** The dots of the data; those of the legend stand above the frame. */
const dotsOf = (all: readonly Node[]): Node[] =>
  all.filter(({ name, attributes }) => name === "circle" && attributes["cy"] !== "33");

const hostile = fc.oneof(
  fc.constantFrom("</svg><script>alert(1)</script>", '" onload="alert(1)', "&amp;'<>", "]]>", "\u0000\ud800\ufffe", ""),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 300 }),
);
const options: fc.Arbitrary<ChartOptions> = fc.record(
  {
    title: hostile,
    description: hostile,
    width: fc.oneof(fc.integer({ min: -10, max: 2000 }), fc.constantFrom(Number.NaN, 333.333)),
    height: fc.integer({ min: 0, max: 900 }),
  },
  { requiredKeys: [] },
);
const number = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const runs = { numRuns: 30 };

test("groups of any names", () => {
  const group = fc.record({ covered: fc.boolean(), name: fc.oneof(hostile, fc.integer()) });
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 80 }), options, hostile, (list, style, xLabel) => {
      const groups = coverageByGroup(
        list.map(({ covered }) => ({ labels: covered ? [0] : [] })),
        list.map(() => 0),
        list.map(({ name }) => name),
      );
      const empty = { count: 0, covered: 0, coverage: Number.NaN, lower: 0, upper: 1 };
      const all = checked(groupCoverageChart([...groups, empty], { ...style, xLabel, alpha: 0.1 }));
      expect(dotsOf(all).length).toBe(groups.length);
    }),
    runs,
  );
  checked(groupCoverageChart([]));
});

test("sizes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e7 }), { maxLength: 120 }), options, (counts, style) => {
      const bars = checked(setSizeChart(counts, style)).filter(({ name }) => name === "g");
      expect(bars.length).toBe(Math.min(counts.length, Math.max(1, counts.findLastIndex((count) => count > 0) + 1)));
    }),
    runs,
  );
});

test("curves and reliability", () => {
  const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(pairs, fc.integer({ min: 1, max: 30 }), options, (list, bins, style) => {
      checked(
        reliabilityChart(
          reliabilityBins(
            list.map(([p]) => p),
            list.map(([, came]) => came),
            { bins },
          ),
          style,
        ),
      );
      const truths = [0, ...list.map(([p]) => p)];
      checked(
        coverageCurveChart(
          coverageCurve((alpha) => truths.map(() => ({ lower: 0, upper: alpha })), truths),
          style,
        ),
      );
    }),
    { numRuns: 20 },
  );
  checked(coverageCurveChart([]));
});

test("series of anything", () => {
  const end = fc.oneof(number, fc.constantFrom(-Infinity, Infinity));
  const point = fc.record({ lower: end, upper: end, truth: number, at: number });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), options, hostile, (points, style, yLabel) => {
      const truths = points.map(({ truth }) => truth);
      const x = points.map(({ at }) => at);
      const all = checked(intervalSeriesChart(points, truths, { ...style, x, yLabel }));
      expect(dotsOf(all).length).toBe(points.length);
      const line = { name: yLabel, y: points.map(({ lower }) => lower), lower: truths, upper: truths };
      checked(lineChart([line, { y: truths, x, step: true }], style));
    }),
    runs,
  );
  const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { maxLength: 20 }), (y) => {
      checked(lineChart([{ y }], { log: true }));
    }),
    runs,
  );
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 100 }),
      options,
      fc.integer({ min: 1, max: 50 }),
      (covered, style, window) => {
        checked(onlineCoverageChart(covered, { ...style, alpha: 0.1, window }));
      },
    ),
    runs,
  );
});

test("long series are thinned out, and end where they end", () => {
  const svg = onlineCoverageChart(
    Array.from({ length: 50_000 }, (_, t) => t % 10 > 0),
    { alpha: 0.1 },
  );
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).toContain("<desc>50000 steps, 90.0% covered, promised 90%</desc>");
  const line = checked(lineChart([{ y: Array.from({ length: 9999 }, (_, i) => i) }]));
  const path = line.find(({ attributes }) => attributes["class"] === "pc-line1");
  expect(pathPoints(path?.attributes["d"] ?? "").length).toBeLessThanOrEqual(1202);
});

test("marks are where the numbers are", () => {
  const group = (coverage: number) => ({
    count: 100,
    covered: 100 * coverage,
    coverage,
    lower: coverage - 0.1,
    upper: 1,
  });
  const all = checked(groupCoverageChart([group(0.8), group(0.9)], { alpha: 0.1 }));
  const dots = all.filter(({ name, attributes }) => name === "circle" && attributes["r"] === "4.5");
  const promise = all.filter(({ attributes }) => attributes["class"] === "pc-promise").at(-1);
  const [[, level = 0] = []] = pathPoints(promise?.attributes["d"] ?? "");
  expect(dots.map(({ attributes }) => Number(attributes["cy"]) - level)).toEqual([expect.any(Number), 0]);
  expect(Number(dots[0]?.attributes["cy"])).toBeGreaterThan(level);
  const { text } = all.find(({ name }) => name === "desc") as Node;
  expect(text).toBe("2 groups, the least coverage is 80.0%; promised 90.0%");
});

test("ticks are round numbers", () => {
  const printed = (svg: string): string[] =>
    checked(svg)
      .filter(({ name }) => name === "text")
      .map(({ text }) => text);
  const texts = printed(lineChart([{ y: [0.013, 0.048] }], { xLabel: "s" }));
  expect(texts).toEqual(expect.arrayContaining(["0.01", "0.02", "0.03", "0.04", "0.05"]));
  expect(printed(setSizeChart([12_345]))).toEqual(
    expect.arrayContaining(["0", "5\u202f000", "10\u202f000", "15\u202f000"]),
  );
  expect(printed(lineChart([{ y: [0.02, 3] }], { log: true }))).toEqual(
    expect.arrayContaining(["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"]),
  );
});

test("the page is self-contained, and escapes all text", () => {
  fc.assert(
    fc.property(hostile, hostile, (title, text) => {
      const page = reportPage({
        title,
        language: text,
        sections: [
          {
            title: text,
            paragraphs: [title, text],
            facts: [[text, title]],
            charts: [{ svg: setSizeChart([1, 2], { title }), caption: text }],
            table: { columns: [text, "b"], rows: [[title, text]] },
          },
        ],
      });
      expect(page).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg")|@import|url\(/);
      parseXml(
        page
          .replace(/^<!doctype html>\n/, "")
          .replace(/<meta[^>]*>\n/g, "")
          .trimEnd(),
      );
    }),
    runs,
  );
  expect(reportPage({ title: "t", sections: [{ html: "<b>own</b>" }] })).toContain("<b>own</b>");
});

test("equal data give equal text", () => {
  expect(setSizeChart([1, 2, 3])).toBe(setSizeChart([1, 2, 3]));
});

test("bad input", () => {
  expect(codeOf(() => setSizeChart([1, -1]))).toBe("E_RANGE at 1");
  expect(codeOf(() => setSizeChart([Number.NaN]))).toBe("E_NAN at 0");
  expect(codeOf(() => groupCoverageChart([], { alpha: 1 }))).toBe("E_ALPHA");
  expect(codeOf(() => onlineCoverageChart([], { alpha: 0 }))).toBe("E_ALPHA");
  expect(codeOf(() => onlineCoverageChart([], { alpha: 0.1, window: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [] }, { y: [] }, { y: [] }]))).toBe("E_RANGE");
  expect(codeOf(() => lineChart([{ y: [1], x: [] }]))).toBe("E_LENGTH");
  expect(codeOf(() => lineChart([{ y: [0] }], { log: true }))).toBe("E_RANGE");
  expect(codeOf(() => intervalSeriesChart([], [1]))).toBe("E_LENGTH");
  expect(codeOf(() => intervalSeriesChart([{ lower: Number.NaN, upper: 1 }], [1]))).toBe("E_NAN at 0");
  expect(codeOf(() => intervalSeriesChart([{ lower: 0, upper: 1 }], [Infinity]))).toBe("E_RANGE at 0");
});
