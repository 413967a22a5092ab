import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../../../src/tensor/errors.ts";
import { randomBits } from "../../../src/tensor/random/bits.ts";
import { foldIn, type Key, key, split } from "../../../src/tensor/random/key.ts";

type Words = [number, number];
interface Golden {
  key: Words;
  split: Words[];
  foldIn: [number, Words][];
}

const golden = JSON.parse(readFileSync(new URL("./fixtures/bits.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>;
const words = ({ hi, lo }: Key): Words => [hi, lo];
const anyKey = fc.maxSafeInteger().map((seed) => key(seed));

describe("keys", () => {
  test.each(["0", "42", "-1", "9007199254740991"])(
    "seed %s: key, split and foldIn as in a second implementation",
    (seed) => {
      const expected = golden[seed]!;
      const made = key(Number(seed));
      expect(key(BigInt(seed))).toEqual(made);
      expect(words(made)).toEqual(expected.key);
      expect(split(made, 4).map(words)).toEqual(expected.split);
      for (const [data, child] of expected.foldIn) expect(words(foldIn(made, data))).toEqual(child);
    },
  );

  test("bigint seeds use all 64 bits", () => {
    expect(key(2n ** 64n - 1n)).toEqual(key(-1));
    expect(key(-(2n ** 63n))).toEqual({ hi: 0x80000000, lo: 0 });
  });

  test("a key is plain data", () => {
    const original = split(key(7))[1]!;
    expect(JSON.parse(JSON.stringify(original))).toEqual(original);
  });

  test("a larger split begins with the smaller one; two keys if not told otherwise", () => {
    fc.assert(
      fc.property(anyKey, fc.nat(8), fc.nat(8), (parent, count, more) => {
        expect(split(parent, count + more).slice(0, count)).toEqual(split(parent, count));
      }),
    );
    expect(split(key(0))).toHaveLength(2);
  });

  test("children, folds and draws of a key all differ", () => {
    fc.assert(
      fc.property(anyKey, (parent) => {
        const bits = randomBits(parent, 200);
        const drawn = Array.from({ length: 100 }, (_, i) => [bits[2 * i]!, bits[2 * i + 1]!]);
        const made = [...split(parent, 100), ...Array.from({ length: 100 }, (_, i) => foldIn(parent, i))].map(words);
        expect(new Set([...drawn, ...made].map(String)).size).toBe(300);
      }),
    );
  });

  test("bad arguments are refused", () => {
    expect(() => key(0.5)).toThrow(ArgumentError);
    expect(() => key(2 ** 53)).toThrow(/key: seed: expected a safe integer.*got 9007199254740992/);
    expect(() => key(2n ** 64n)).toThrow(ArgumentError);
    expect(() => key(NaN)).toThrow(ArgumentError);
    expect(() => split(key(0), -1)).toThrow(/split: count/);
    expect(() => split(key(0), 1.5)).toThrow(ArgumentError);
    expect(() => foldIn(key(0), -1)).toThrow(/foldIn: data: expected a whole number in \[0, 2\^32\), got -1/);
    expect(() => foldIn(key(0), 2 ** 32)).toThrow(ArgumentError);
    expect(() => split({ hi: -1, lo: 0 })).toThrow(/split: key: .* got \{ hi: -1, lo: 0 \}/);
    expect(() => foldIn(42 as never, 1)).toThrow(/foldIn: key: .* got 42/);
    expect(() => foldIn(undefined as never, 1)).toThrow(ArgumentError);
  });
});
