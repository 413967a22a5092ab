import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBfloat16, encodeBfloat16, bfloat16ToNumber, numberToBfloat16 } from "../../src/tensor/bfloat16.ts";
import { nextAbove, nextBelow } from "../support/neighbours.ts";

const golden = JSON.parse(readFileSync(new URL("./fixtures/bfloat16.json", import.meta.url), "utf8")) as [
  number,
  number,
][];
const infinity = 0x7f80;
const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
/** Finite magnitudes and infinity, in rising order. */
const magnitudes = codes.slice(0, infinity + 1);

describe("bfloat16", () => {
  test("values that can be checked by hand", () => {
    expect(bfloat16ToNumber(0x3f80)).toBe(1);
    expect(bfloat16ToNumber(0xc000)).toBe(-2);
    expect(bfloat16ToNumber(0x0001)).toBe(2 ** -133);
    expect(bfloat16ToNumber(0x7f80)).toBe(Infinity);
    expect(numberToBfloat16(1 / 3)).toBe(0x3eab);
    expect(numberToBfloat16(-0)).toBe(0x8000);
    expect(numberToBfloat16(1e39)).toBe(0x7f80);
    expect(numberToBfloat16(1 + 2 ** -8)).toBe(0x3f80);
    expect(numberToBfloat16(1 + 2 ** -8 + 2 ** -40)).toBe(0x3f81);
  });

  test("every one of the 65,536 codes: decoding and encoding gives it back, NaNs become the canonical one", () => {
    const values = decodeBfloat16(codes);
    const back = encodeBfloat16(values);
    const wrong = codes.filter((code) => {
      const nan = (code & 0x7fff) > infinity;
      const value = bfloat16ToNumber(code);
      const expected = nan ? 0x7fc0 : code;
      const decoded = Object.is(value, values[code]) && Number.isNaN(value) === nan;
      return !decoded || back[code] !== expected || numberToBfloat16(value) !== expected;
    });
    expect([...wrong]).toEqual([]);
  });

  test("codes are ordered as their values", () => {
    const values = decodeBfloat16(magnitudes);
    expect(values.every((value, code) => code === 0 || value > values[code - 1]!)).toBe(true);
  });

  test("every midpoint of neighbours goes to the even code, the doubles beside it to the nearer one", () => {
    const wrong: number[] = [];
    for (let code = 0; code < infinity; code++) {
      const low = bfloat16ToNumber(code);
      // Infinity takes the place of the number that would follow the largest one.
      const high = code + 1 === infinity ? 2 ** 128 : bfloat16ToNumber(code + 1);
      const middle = (low + high) / 2;
      const even = code % 2 === 0 ? code : code + 1;
      const right =
        numberToBfloat16(middle) === even &&
        numberToBfloat16(-middle) === (even | 0x8000) &&
        numberToBfloat16(nextBelow(middle)) === code &&
        numberToBfloat16(nextAbove(middle)) === code + 1;
      if (!right) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  test("agrees with torch and exact fractions, in bulk and one by one", () => {
    const doubles = golden.map(([x]) => x);
    const expected = golden.map(([, code]) => code);
    expect(doubles.map(numberToBfloat16)).toEqual(expected);
    expect([...encodeBfloat16(doubles)]).toEqual(expected);
    expect([...encodeBfloat16(Float64Array.from(doubles))]).toEqual(expected);
  });

  test("rounding is monotone, odd, and no code is nearer", () => {
    const number = fc.double({ noNaN: true, min: -3.38e38, max: 3.38e38 });
    fc.assert(
      fc.property(number, number, (x, y) => {
        const code = numberToBfloat16(x);
        expect(numberToBfloat16(-x)).toBe(code ^ 0x8000);
        const value = bfloat16ToNumber(code);
        if (x <= y) expect(value <= bfloat16ToNumber(numberToBfloat16(y))).toBe(true);
        const magnitude = code & 0x7fff;
        for (const other of [magnitude - 1, magnitude + 1].filter((c) => c >= 0 && c < infinity)) {
          const distance = Math.abs(Math.abs(x) - bfloat16ToNumber(other));
          expect(distance >= Math.abs(x - value)).toBe(true);
        }
      }),
    );
  });

  test("NaNs keep their payload when decoded in bulk", () => {
    const bits = new Uint32Array(decodeBfloat16(Uint16Array.of(infinity + 1, 0x8000 | (infinity + 3))).buffer);
    expect([...bits]).toEqual([0x7f810000, 0xff830000]);
  });
});
