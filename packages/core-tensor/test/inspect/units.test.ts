import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatCount, printable, shorten } from "../../src/inspect/units.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1.00 k"],
  [12_345, "12.3 k"],
  [999_499, "999 k"],
  [999_501, "1.00 M"],
  [15_470_264_320, "15.5 G"],
  [9.9e20, "990 E"],
  [1e30, "1.00e+30"],
])("%d things: %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "0.977 KiB"],
  [1024, "1.00 KiB"],
  [5 * 2 ** 20, "5.00 MiB"],
  [2 ** 31, "2.00 GiB"],
])("%d bytes: %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("symbols stand behind their numbers, the highest powers first", () => {
  expect(formatBytes("401408*batch")).toBe("392 KiB × batch");
  expect(formatCount("3*batch*rows + 2000*rows + 7")).toBe("3 × batch × rows + 2.00 k × rows + 7");
  expect(formatCount("batch - 1")).toBe("1 × batch - 1");
});

describe("texts from files", () => {
  test("what would steer a terminal is spelled out", () => {
    expect(printable("a\u001b[31mb\u0007\u202ec\n")).toBe("a\\u{1b}[31mb\\u{7}\\u{202e}c\\u{a}");
    expect(printable("Gewichte für später, 重み 😀")).toBe("Gewichte für später, 重み 😀");
  });

  test("the middle of long ones gives way", () => {
    expect(shorten("abcdefghij", 10)).toBe("abcdefghij");
    expect(shorten("abcdefghij", 6)).toBe("abc…ij");
    expect(shorten("abcdefghij", 1)).toBe("…");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect([...shorten(text, width)].length).toBe(Math.min(width, [...text].length));
      }),
    );
  });
});
