import fc from "fast-check";
import { expect, test } from "vitest";
import { floatLiteral, integerLiteral, literal, wrapped } from "../../../src/deploy/c/literals.ts";

/** Reads a C99 literal of a float. */
function read(text: string): number {
  const hex = /^(-?)0x([01])(?:\.([0-9a-f]+))?p(-?\d+)f$/.exec(text);
  if (hex === null) return text === "-0.0f" ? -0 : text === "0.0f" ? 0 : Number.NaN;
  const [, sign, whole, fraction = "", exponent] = hex;
  const digits = Number.parseInt(`${whole}${fraction}`, 16);
  return (sign === "-" ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length);
}

test.each([
  [1, "0x1p0f"],
  [-1.5, "-0x1.8p0f"],
  [0.1, "0x1.99999ap-4f"],
  [0, "0.0f"],
  [-0, "-0.0f"],
  [2 ** -149, "0x0.000002p-126f"],
  [2 ** -126, "0x1p-126f"],
  [(2 - 2 ** -23) * 2 ** 127, "0x1.fffffep127f"],
  [Number.POSITIVE_INFINITY, "INFINITY"],
  [Number.NEGATIVE_INFINITY, "-INFINITY"],
  [Number.NaN, "NAN"],
])("%d is %s", (value, text) => {
  expect(floatLiteral(value)).toBe(text);
});

test("every float32 is read back as it was", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(read(floatLiteral(value))).toBe(value);
    }),
  );
});

test("the smallest int is no literal by itself", () => {
  expect(integerLiteral(-2147483648)).toBe("(-2147483647 - 1)");
  expect(integerLiteral(2147483647)).toBe("2147483647");
  expect(literal("int8_t", -128)).toBe("-128");
});

test("lines of at most 120 characters", () => {
  const words = Array.from({ length: 200 }, (_, i) => String(i));
  const lines = wrapped(words).split("\n");
  expect(lines.every((line) => line.length <= 120 && line.startsWith("  "))).toBe(true);
  expect(
    lines
      .join(" ")
      .split(",")
      .map((word) => word.trim()),
  ).toEqual(words);
});
