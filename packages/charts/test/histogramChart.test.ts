import fc from "fast-check";
import { expect, test } from "vitest";
import { checkedChart } from "../../../scripts/vitest/svg.ts";
import { pathPoints } from "../../../scripts/vitest/xml.ts";
import { histogram, histogramChart } from "../src/histogramChart.ts";
import { chartOptions, hostile } from "./arbitraries.ts";
import { codeOf } from "./codeOf.ts";

test("values in bins; the last bin has both ends", () => {
  expect(histogram([0, 0.1, 0.5, 0.99, 1], { bins: 2 })).toEqual({ edges: [0, 0.5, 1], counts: [2, 3] });
  expect(histogram([-9, 0.2, 9, Number.NaN], { bins: 2, range: [0, 1] })).toEqual({
    edges: [0, 0.5, 1],
    counts: [1, 0],
  });
  expect(histogram([3, 3], { bins: 2 })).toEqual({ edges: [1.5, 3, 4.5], counts: [0, 2] });
  expect(histogram([], { bins: 1 })).toEqual({ edges: [0, 1], counts: [0] });
});

test("every finite value is in one bin", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (values, bins) => {
        const { counts, edges } = histogram(values, { bins });
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(edges.length).toBe(bins + 1);
      },
    ),
    { numRuns: 50 },
  );
});

test("any histograms are drawn inside the chart", () => {
  const series = fc.record({ values: fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 40 }), name: hostile });
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), chartOptions, fc.boolean(), (list, style, isDensity) => {
      const drawn = list.map(({ values, name }) => ({ name, ...histogram(values, { bins: 9 }) }));
      checkedChart(histogramChart(drawn, { ...style, isDensity }));
    }),
    { numRuns: 30 },
  );
  checkedChart(histogramChart([{ edges: [0], counts: [] }]));
});

test("densities have area one", () => {
  const svg = histogramChart([{ edges: [0, 1, 3], counts: [2, 2] }], { isDensity: true });
  const area = checkedChart(svg).find(({ attributes }) => attributes["class"] === "pc-fill1");
  // Heights 0.5 and 0.25: the first bin reaches the top of the axis, the second half of it.
  expect(pathPoints(area?.attributes["d"] ?? "").map(([, y]) => y)).toEqual([262, 56, 56, 159, 159, 262, 262]);
});

test("bad input", () => {
  expect(codeOf(() => histogram([], { bins: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => histogram([], { range: [1, 1] }))).toBe("E_RANGE");
  expect(codeOf(() => histogramChart([{ edges: [0], counts: [1] }]))).toBe("E_LENGTH");
  expect(codeOf(() => histogramChart([{ edges: [0, 1, 1], counts: [1, 1] }]))).toBe("E_RANGE at 1");
  expect(codeOf(() => histogramChart([{ edges: [0, 1], counts: [-1] }]))).toBe("E_RANGE at 0");
  expect(codeOf(() => histogramChart([{ edges: [0, 1], counts: [1], look: -1 }]))).toBe("E_RANGE");
});
