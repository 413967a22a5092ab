import fc from "fast-check";
import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../scripts/vitest/svg.ts";
import type { Node } from "../../../scripts/vitest/xml.ts";
import { heatMap } from "../src/heatMap.ts";
import { chartOptions, hostile } from "./arbitraries.ts";
import { codeOf } from "./codeOf.ts";

const cellsOf = (svg: string): Node[] =>
  checkedChart(svg).find(({ attributes }) => attributes["shape-rendering"] === "crispEdges")?.children ?? [];
const number = (node: Node | undefined, key: string): number => Number(node?.attributes[key] ?? 1);

test("cells are where the values are, and the darker the larger", () => {
  const cells = cellsOf(heatMap([0, 1, 2, 4, 4, Number.NaN], { columns: 3, width: 324, height: 400 }));
  // 300 wide for 3 columns: cells of 100.
  const seen = cells.map((cell) => ["x", "y", "width", "fill-opacity"].map((key) => number(cell, key)));
  expect(seen).toEqual([
    [112, 34, 100, 0.25],
    [212, 34, 100, 0.5],
    [12, 134, 200, 1],
  ]);
});

test("any values are drawn inside the chart", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 12 }),
      fc.infiniteStream(fc.oneof(fc.double(), fc.integer({ min: 0, max: 3 }))),
      chartOptions,
      hostile,
      (columns, rows, stream, style, label) => {
        checkedChart(heatMap([...stream.take(columns * rows)], { ...style, columns, label }));
      },
    ),
    { numRuns: 40 },
  );
});

test("ends of one's own", () => {
  const svg = heatMap([5, 20], { columns: 1, from: 0, to: 10, format: (x) => `${x} links` });
  expect(cellsOf(svg).map((cell) => number(cell, "fill-opacity"))).toEqual([0.5, 1]);
  expect(textsOf(checkedChart(svg))).toEqual(expect.arrayContaining(["0 links", "10 lin…"]));
  expect(cellsOf(heatMap([0, 0], { columns: 2 }))).toEqual([]);
});

test("bad input", () => {
  expect(codeOf(() => heatMap([1], { columns: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => heatMap([1, 2, 3], { columns: 2 }))).toBe("E_LENGTH");
  expect(codeOf(() => heatMap([1], { columns: 1, to: Infinity }))).toBe("E_RANGE");
});
