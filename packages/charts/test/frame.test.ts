import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../scripts/vitest/svg.ts";
import { chart, frameOf } from "../src/frame.ts";
import { element } from "../src/svg.ts";
import { moreColorsStyle } from "../src/theme.ts";

test("sizes are at least legible", () => {
  expect(frameOf({})).toEqual({ left: 70, right: 540, top: 56, bottom: 262, width: 560, height: 310, legendRows: 1 });
  expect(frameOf({ width: 3, height: Number.NaN })).toMatchObject({ width: 200, height: 300 });
});

test("a chart of one's own", () => {
  const svg = chart(
    frameOf({}),
    { title: "Mine & yours", description: "a dot", legend: [{ name: "dot", dot: "pc-fill1" }] },
    element("circle", { class: "pc-fill1", cx: 100, cy: 100, r: 3 }),
  );
  expect(textsOf(checkedChart(svg))).toEqual(["Mine & yours", "dot"]);
  expect(svg).toContain('aria-label="Mine &amp; yours"');
});

test("colours beyond the second are in the style sheet where they are used", () => {
  const of = (name: string): string =>
    chart(frameOf({}), { title: "", description: "" }, element("path", { class: name, d: "M70 70H80" }));
  expect(of("pc-line2")).not.toContain(moreColorsStyle);
  expect(of("pc-line3")).toContain(moreColorsStyle);
});

test("a legend that finds no room leaves names out, and keeps the frame", () => {
  const legend = Array.from({ length: 30 }, (_, i) => ({ name: `series number ${i}`, line: "pc-line1" }));
  const frame = frameOf({ width: 200, height: 220 }, 48, legend);
  expect(frame.legendRows).toBe(3);
  expect(frame.bottom - frame.top).toBe(80);
  const shown = textsOf(checkedChart(chart(frame, { title: "t", description: "d", legend })));
  expect(shown).toEqual(["t", "series number 0", "series number 1", "series number 2"]);
});
