import { expect } from "vitest";
import { type Node, descendants, parseXml, pathPoints } from "./xml.ts";

/** Parses a chart, checks what holds for every chart of ours, and gives all its elements. */
export function checkedChart(svg: string): Node[] {
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  const root = parseXml(svg);
  const width = Number(root.attributes["width"]);
  const height = Number(root.attributes["height"]);
  expect(root.name).toBe("svg");
  expect(root.attributes["role"]).toBe("img");
  expect(root.children.slice(0, 2).map(({ name }) => name)).toEqual(["title", "desc"]);
  const all = descendants(root);
  // Not `expect` for each: there are thousands of points.
  const inside = (x: number, y: number): void => {
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) throw new Error(`(${x}, ${y}) is outside of the chart`);
  };
  for (const { name, attributes } of all) {
    const number = (key: string): number => Number(attributes[key] ?? 0);
    if (name === "circle") inside(number("cx"), number("cy"));
    if (name === "text") inside(number("x"), number("y"));
    if (name === "path") for (const [x, y] of pathPoints(attributes["d"] ?? "")) inside(x, y);
    if (name === "rect") {
      inside(number("x"), number("y"));
      inside(number("x") + number("width"), number("y") + number("height"));
      expect(Math.min(number("width"), number("height"))).toBeGreaterThanOrEqual(0);
    }
    expect(["svg", "title", "desc", "style", "rect", "text", "g", "circle", "path"]).toContain(name);
  }
  return all;
}

/** The texts of a chart, as they are printed. */
export function textsOf(all: readonly Node[]): string[] {
  return all.filter(({ name }) => name === "text").map(({ text }) => text);
}
