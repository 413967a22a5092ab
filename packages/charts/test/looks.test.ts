import { expect, test } from "vitest";
import { pathPoints } from "../../../scripts/vitest/xml.ts";
import { lookOf, looksCount, marker } from "../src/looks.ts";
import { levelLine, uprightLine, whisker } from "../src/marks.ts";
import { frameOf } from "../src/frame.ts";

test("looks differ", () => {
  const looks = Array.from({ length: looksCount }, (_, i) => lookOf(i));
  expect(new Set(looks.map(({ line, dash }) => `${line} ${dash}`)).size).toBe(looksCount);
  expect(new Set(looks.slice(0, 6).map(({ shape }) => shape)).size).toBe(6);
});

test("marks lie around their point", () => {
  for (let i = 0; i < 6; i++) {
    const { shape, fill } = lookOf(i);
    const mark = marker({ shape, fill }, 50, 50, 4);
    expect(mark).toContain(`class="${fill}"`);
    const points = pathPoints(/ d="([^"]*)"/.exec(mark)?.[1] ?? "");
    if (shape === "circle") expect(mark).toBe(`<circle class="${fill}" cx="50" cy="50" r="4"/>`);
    else expect(points.length).toBeGreaterThanOrEqual(3);
    for (const [x, y] of points) expect(Math.hypot(x - 50, y - 50)).toBeLessThanOrEqual(1.4 * 4);
  }
});

test("lines across the frame", () => {
  const frame = frameOf({});
  expect(levelLine(frame, 100)).toBe('<path class="pc-promise" d="M70 100H540"/>');
  expect(uprightLine(frame, 100.123)).toBe('<path class="pc-promise" d="M100.12 262V56"/>');
  expect(whisker(10, 20, 30, 2)).toBe('<path class="pc-line1" d="M8 20H12M8 30H12M10 20V30"/>');
});
