import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../../src/tensor/errors.ts";
import { openUnitAt, randomBits, unitAt, wholeBelow } from "../../../src/tensor/random/bits.ts";
import { key, split } from "../../../src/tensor/random/key.ts";
import { frequencies, hexadecimal, hoeffdingBound } from "../../support/statistics.ts";

interface Golden {
  bits: number[];
  unit: string[];
  openUnit: string[];
}

const golden = JSON.parse(readFileSync(new URL("./fixtures/bits.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>;

describe("bits and unit numbers", () => {
  test.each([0, 42, -1])("seed %i: as in a second implementation", (seed) => {
    const expected = golden[seed]!;
    const indices = [0, 1, 2, 3, 4, 5, 6, 7];
    expect([...randomBits(key(seed), 9)]).toEqual(expected.bits);
    expect(indices.map((i) => hexadecimal(unitAt(key(seed), 0, i)))).toEqual(expected.unit);
    expect(indices.map((i) => hexadecimal(openUnitAt(key(seed), 3, i)))).toEqual(expected.openUnit);
  });

  test("unit numbers are multiples of 2^-53 inside their intervals", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), (seed, index) => {
        const closed = unitAt(key(seed), 0, index) * 2 ** 53;
        const open = openUnitAt(key(seed), 0, index) * 2 ** 53;
        expect(Number.isInteger(closed) && closed >= 0 && closed < 2 ** 53).toBe(true);
        expect(open % 2 === 1 && open > 0 && open < 2 ** 53).toBe(true);
      }),
    );
  });

  test("each of the 32 bits is one half of the time, also against its neighbour and against another key", () => {
    const n = 40_000;
    const [a, b] = split(key(5)).map((child) => randomBits(child, n + 1)) as [Uint32Array, Uint32Array];
    for (let bit = 0; bit < 32; bit++) {
      let ones = 0;
      let changes = 0;
      let differences = 0;
      for (let i = 0; i < n; i++) {
        ones += (a[i]! >>> bit) & 1;
        changes += ((a[i]! ^ a[i + 1]!) >>> bit) & 1;
        differences += ((a[i]! ^ b[i]!) >>> bit) & 1;
      }
      for (const count of [ones, changes, differences])
        expect(Math.abs(count / n - 0.5)).toBeLessThan(hoeffdingBound(n));
    }
  });

  test("wholeBelow stays below and is even-handed, also where most attempts are rejected", () => {
    const n = 20_000;
    for (const size of [1, 2, 7]) {
      const values = Array.from({ length: n }, (_, i) => wholeBelow(key(3), i, size));
      for (const share of frequencies(values, size)) expect(Math.abs(share - 1 / size)).toBeLessThan(hoeffdingBound(n));
    }
    // A third of the 53-bit numbers lies above the last multiple: without rejection the lower half would come twice.
    const size = Math.floor(2 ** 54 / 3);
    const halves = Array.from({ length: n }, (_, i) => {
      const value = wholeBelow(key(4), i, size);
      expect(value < size && Number.isInteger(value)).toBe(true);
      return value < size / 2 ? 0 : 1;
    });
    expect(Math.abs(frequencies(halves, 2)[0]! - 0.5)).toBeLessThan(hoeffdingBound(n));
  });

  test("bad arguments are refused", () => {
    expect(() => randomBits(key(0), -1)).toThrow(/randomBits: length: expected a whole number in \[0, 2\^32\], got -1/);
    expect(() => randomBits(key(0), 1.5)).toThrow(ArgumentError);
    expect(() => randomBits({ hi: 0.5, lo: 0 }, 1)).toThrow(/randomBits: key/);
  });
});
