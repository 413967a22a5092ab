import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFloat16, encodeFloat16, float16ToNumber, numberToFloat16 } from "../../src/tensor/float16.ts";
import { nextAbove, nextBelow } from "../support/neighbours.ts";

const golden = JSON.parse(readFileSync(new URL("./fixtures/float16.json", import.meta.url), "utf8")) as [
  number,
  number,
][];
const infinity = 0x7c00;
const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
/** Finite magnitudes and infinity, in rising order. */
const magnitudes = codes.slice(0, infinity + 1);

describe("float16", () => {
  test("values that can be checked by hand", () => {
    expect(float16ToNumber(0x3c00)).toBe(1);
    expect(float16ToNumber(0xc000)).toBe(-2);
    expect(float16ToNumber(0x0001)).toBe(2 ** -24);
    expect(float16ToNumber(0x7bff)).toBe(65504);
    expect(float16ToNumber(0xfc00)).toBe(-Infinity);
    expect(numberToFloat16(1 / 3)).toBe(0x3555);
    expect(numberToFloat16(-0)).toBe(0x8000);
    expect(numberToFloat16(65519.99)).toBe(0x7bff);
    expect(numberToFloat16(65520)).toBe(0x7c00);
    expect(numberToFloat16(Number.MIN_VALUE)).toBe(0);
  });

  test("every one of the 65,536 codes: decoding and encoding gives it back, NaNs become the canonical one", () => {
    const values = decodeFloat16(codes);
    const back = encodeFloat16(values);
    const wrong = codes.filter((code) => {
      const nan = (code & 0x7fff) > infinity;
      const value = float16ToNumber(code);
      const expected = nan ? 0x7e00 : code;
      const decoded = Object.is(value, values[code]) && Number.isNaN(value) === nan;
      return !decoded || back[code] !== expected || numberToFloat16(value) !== expected;
    });
    expect([...wrong]).toEqual([]);
  });

  test("codes are ordered as their values", () => {
    const values = decodeFloat16(magnitudes);
    expect(values.every((value, code) => code === 0 || value > values[code - 1]!)).toBe(true);
  });

  test("every midpoint of neighbours goes to the even code, the doubles beside it to the nearer one", () => {
    const wrong: number[] = [];
    for (let code = 0; code < infinity; code++) {
      const low = float16ToNumber(code);
      // Infinity takes the place of the number that would follow the largest one.
      const high = code + 1 === infinity ? 65536 : float16ToNumber(code + 1);
      const middle = (low + high) / 2;
      const even = code % 2 === 0 ? code : code + 1;
      const right =
        numberToFloat16(middle) === even &&
        numberToFloat16(-middle) === (even | 0x8000) &&
        numberToFloat16(nextBelow(middle)) === code &&
        numberToFloat16(nextAbove(middle)) === code + 1;
      if (!right) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  test("agrees with numpy, in bulk and one by one", () => {
    const doubles = golden.map(([x]) => x);
    const expected = golden.map(([, code]) => code);
    expect(doubles.map(numberToFloat16)).toEqual(expected);
    expect([...encodeFloat16(doubles)]).toEqual(expected);
    expect([...encodeFloat16(Float64Array.from(doubles))]).toEqual(expected);
  });

  test("rounding is monotone, odd, and no code is nearer", () => {
    const number = fc.double({ noNaN: true, min: -65519, max: 65519 });
    fc.assert(
      fc.property(number, number, (x, y) => {
        const code = numberToFloat16(x);
        expect(numberToFloat16(-x)).toBe(code ^ 0x8000);
        const value = float16ToNumber(code);
        if (x <= y) expect(value <= float16ToNumber(numberToFloat16(y))).toBe(true);
        const magnitude = code & 0x7fff;
        for (const other of [magnitude - 1, magnitude + 1].filter((c) => c >= 0 && c < infinity)) {
          const distance = Math.abs(Math.abs(x) - float16ToNumber(other));
          expect(distance >= Math.abs(x - value)).toBe(true);
        }
      }),
    );
  });

  test("NaNs keep their payload when decoded in bulk", () => {
    const bits = new Uint32Array(decodeFloat16(Uint16Array.of(infinity + 1, 0x8000 | (infinity + 3))).buffer);
    expect([...bits]).toEqual([0x7f802000, 0xff806000]);
  });
});
