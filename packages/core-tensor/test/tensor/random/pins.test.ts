import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key } from "../../../src/tensor/random/key.ts";
import { hexadecimal } from "../../support/statistics.ts";
import { draws } from "./fixtures/draws.ts";

const pins = JSON.parse(readFileSync(new URL("./fixtures/pins.json", import.meta.url), "utf8")) as Record<
  string,
  string[]
>;

describe.each(Object.entries(draws))("%s", (name, draw) => {
  test.each([0, 42])("the first numbers of key(%i), bit for bit", (seed) => {
    expect(Array.from(draw(key(seed), 8), hexadecimal)).toEqual(pins[`${name} ${seed}`]);
  });

  test("another key, other numbers; the same key, the same", () => {
    const first = Array.from(draw(key(1), 64));
    expect(Array.from(draw(key(1), 64))).toEqual(first);
    expect(Array.from(draw(key(2), 64))).not.toEqual(first);
  });
});

// A permutation of nine things does not begin with one of eight; everything else is drawn element by element.
describe.each(Object.entries(draws).filter(([name]) => name !== "permutation"))("%s", (_, draw) => {
  test("a longer draw begins with the shorter one", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(10), fc.nat(10), (seed, shorter, more) => {
        const longer = Array.from(draw(key(seed), 4 * (shorter + more)));
        expect(Array.from(draw(key(seed), 4 * shorter))).toEqual(longer.slice(0, 4 * shorter));
      }),
      { numRuns: 30 },
    );
  });
});

test("no code behind random numbers calls a Math function whose last bits are left to the engine", () => {
  const folder = new URL("../../../src/tensor/", import.meta.url);
  const random = readdirSync(new URL("random/", folder)).map((file) => `random/${file}`);
  const exact = new Set(["sqrt", "floor", "ceil", "trunc", "round", "abs", "fround", "imul", "min", "max"]);
  for (const file of [...random, "elementary.ts", "special/erf.ts", "special/normalQuantile.ts"]) {
    const code = readFileSync(new URL(file, folder), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    const used = [...code.matchAll(/\bMath\.(\w+)/g)].map(([, name]) => name as string);
    expect(
      used.filter((name) => !exact.has(name)),
      file,
    ).toEqual([]);
  }
});
