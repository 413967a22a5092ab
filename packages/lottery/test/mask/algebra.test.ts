import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import {
  andMasks,
  applyMask,
  density,
  equalMasks,
  hamming,
  isSubmask,
  jaccard,
  type Mask,
  notMask,
  orMasks,
  packMask,
  shuffleMask,
  unpackMask,
  xorMasks,
} from "../../src/index.ts";
import { masks, parameters } from "../../src/testing/index.ts";
import { codeOf, maskOf, words } from "./helpers.ts";

const three = parameters({ maxDim: 6 }).chain((params) => fc.tuple(masks(params), masks(params), masks(params)));
const seed = { seed: 7, numRuns: 40 };
const same = (a: Mask, b: Mask): void => expect(equalMasks(a, b)).toBe(true);

describe("algebra", () => {
  const a = maskOf({ w: "0011" });
  const b = maskOf({ w: "0101" });

  test("truth tables", () => {
    expect(words(andMasks(a, b)).w).toBe("0001");
    expect(words(orMasks(a, b)).w).toBe("0111");
    expect(words(xorMasks(a, b)).w).toBe("0110");
    expect(words(notMask(a)).w).toBe("1100");
    expect(words(andMasks(a)).w).toBe("0011");
    expect(words(andMasks(a, b, notMask(b))).w).toBe("0000");
    expect(hamming(a, b)).toBe(2);
    expect(jaccard(a, b)).toBe(1 / 3);
    expect(isSubmask(andMasks(a, b), a)).toBe(true);
    expect(isSubmask(a, b)).toBe(false);
  });

  test("laws", () => {
    fc.assert(
      fc.property(three, ([x, y, z]) => {
        same(notMask(andMasks(x, y)), orMasks(notMask(x), notMask(y)));
        same(notMask(orMasks(x, y)), andMasks(notMask(x), notMask(y)));
        same(andMasks(x, x), x);
        same(notMask(notMask(x)), x);
        same(xorMasks(x, y), andMasks(orMasks(x, y), notMask(andMasks(x, y))));
        same(andMasks(x, orMasks(y, z)), orMasks(andMasks(x, y), andMasks(x, z)));
        same(andMasks(x, y, z), andMasks(z, y, x));
        expect(isSubmask(andMasks(x, y), x) && isSubmask(x, orMasks(x, y))).toBe(true);
        expect(isSubmask(x, y) && isSubmask(y, x)).toBe(equalMasks(x, y));
        expect(jaccard(x, x)).toBe(1);
        expect(jaccard(x, y)).toBe(jaccard(y, x));
        expect(hamming(x, y)).toBe(density(xorMasks(x, y)).kept);
        expect(hamming(x, z)).toBeLessThanOrEqual(hamming(x, y) + hamming(y, z));
      }),
      seed,
    );
  });

  test("masks of other names or shapes are not equal, and do not combine", () => {
    const named = maskOf({ v: "0011" });
    const longer = maskOf({ w: "00110" });
    const more = maskOf({ w: "0011", v: "1" });
    for (const other of [named, longer, more]) {
      expect(equalMasks(a, other) || equalMasks(other, a)).toBe(false);
      for (const operation of [andMasks, orMasks, xorMasks, hamming, jaccard, isSubmask]) {
        expect(codeOf(() => operation(a, other))).toMatch("E_MASK");
        expect(codeOf(() => operation(other, a))).toMatch("E_MASK");
      }
    }
    expect(codeOf(() => andMasks(a, { w: tensor([0, 1, 0, 1]) }))).toBe("E_MASK w");
    expect(jaccard(maskOf({ w: "00" }), maskOf({ w: "00" }))).toBe(1);
  });
});

describe("shuffled masks", () => {
  const counts = (mask: Mask): number[] => Object.values(density(mask).tensors).map(({ kept }) => kept);

  test("what each scope keeps", () => {
    fc.assert(
      fc.property(three, fc.nat(1000), ([mask], seedOf) => {
        const { kept, size } = density(mask);
        const layer = shuffleMask(mask, { seed: seedOf });
        const global = shuffleMask(mask, { seed: seedOf, scope: "global" });
        const even = shuffleMask(mask, { seed: seedOf, scope: "even" });
        expect(counts(layer)).toEqual(counts(mask));
        expect(density(global).kept).toBe(kept);
        expect(density(even).kept).toBe(kept);
        for (const each of Object.values(density(even).tensors)) {
          expect(Math.abs(each.kept - (each.size * kept) / size)).toBeLessThan(1);
        }
        for (const shuffled of [layer, global, even]) expect(counts(shuffled)).toHaveLength(counts(mask).length);
      }),
      seed,
    );
  });

  const mask = maskOf({ b: "1110000000".repeat(3), a: "1".repeat(5) + "0".repeat(15) });

  test("tensors named like methods", () => {
    const params = { constructor: tensor([[1]]), a: tensor([[2]]) };
    const mask = { a: tensor([[false]]) };
    expect(applyMask(params, mask).constructor.toArray()).toEqual([[1]]);
    expect(codeOf(() => applyMask({ a: params.a }, { ...mask, toString: tensor([[true]]) } as Mask))).toBe(
      "E_MASK toString",
    );
  });

  test("masks without weights", () => {
    const none = { a: tensor([], { shape: [0, 2], dtype: "bool" }) };
    for (const scope of ["layer", "global", "even"] as const) same(shuffleMask(none, { scope, seed: 1 }), none);
  });

  test("the seed decides, the order of names does not", () => {
    for (const scope of ["layer", "global", "even"] as const) {
      const once = shuffleMask(mask, { scope, seed: 3 });
      same(once, shuffleMask(Object.fromEntries(Object.entries(mask).toReversed()), { scope, seed: 3 }));
      expect(equalMasks(once, shuffleMask(mask, { scope, seed: 4 }))).toBe(false);
      expect(equalMasks(once, mask)).toBe(false);
    }
  });

  test("every place is equally likely", () => {
    for (const scope of ["layer", "global", "even"] as const) {
      const hits = new Array<number>(4).fill(0);
      for (let seedOf = 0; seedOf < 400; seedOf++) {
        const word = words(shuffleMask(maskOf({ w: "1000" }), { scope, seed: seedOf })).w as string;
        (hits[word.indexOf("1")] as number)++;
      }
      // Chi-squared with three degrees of freedom: 16.3 is passed once in a thousand.
      expect(hits.reduce((sum, each) => sum + (each - 100) ** 2 / 100, 0)).toBeLessThan(16.3);
    }
  });

  test("tensors of one size are shuffled differently", () => {
    const twice = maskOf({ a: "1".repeat(20) + "0".repeat(20), b: "1".repeat(20) + "0".repeat(20) });
    const { a, b } = words(shuffleMask(twice, { seed: 0 }));
    expect(a).not.toBe(b);
  });

  test("of equal shares of an even mask the first is rounded up", () => {
    const counts = density(shuffleMask(maskOf({ b: "0000", a: "0001" }), { scope: "even", seed: 0 })).tensors;
    expect([counts.a?.kept, counts.b?.kept]).toEqual([1, 0]);
  });

  test("an even mask of a dense mask is dense, of an empty one empty", () => {
    expect(words(shuffleMask(maskOf({ a: "111", b: "1" }), { scope: "even", seed: 0 }))).toEqual({ a: "111", b: "1" });
    expect(words(shuffleMask(maskOf({ a: "000", b: "0" }), { scope: "even", seed: 0 }))).toEqual({ a: "000", b: "0" });
  });

  test("bad input", () => {
    expect(codeOf(() => shuffleMask(mask, { seed: 0.5 }))).toBe("E_OPTION");
    expect(codeOf(() => shuffleMask(mask, { seed: 0, scope: "row" as "even" }))).toBe("E_OPTION");
  });
});

describe("packed masks", () => {
  test("one bit per weight, the lowest first", () => {
    const packed = packMask(maskOf({ w: "1010000011" }));
    expect(Object.keys(packed)).toEqual(["w.bits", "w.shape"]);
    expect(packed["w.bits"]?.dataSync()).toEqual(Uint8Array.of(5, 3));
    expect(packed["w.shape"]?.dataSync()).toEqual(Int32Array.of(10));
  });

  test("back and forth", () => {
    fc.assert(
      fc.property(three, ([mask]) => {
        same(unpackMask(packMask(mask)), mask);
      }),
      seed,
    );
    const odd = maskOf({ w: "1", "w.bits": "011", "w.shape": "10" });
    same(unpackMask(packMask(odd)), odd);
  });

  const packed = packMask(maskOf({ w: "1010000011" }));
  const bits = packed["w.bits"] as Mask[string];
  const shape = packed["w.shape"] as Mask[string];
  test.each<[string, Mask, string]>([
    ["a byte too few", { ...packed, "w.bits": tensor(Uint8Array.of(5)) }, "E_MASK w"],
    ["a byte too many", { ...packed, "w.bits": tensor(Uint8Array.of(5, 3, 0)) }, "E_MASK w"],
    ["a stray bit", { ...packed, "w.bits": tensor(Uint8Array.of(5, 7)) }, "E_MASK w[1]"],
    ["no shape", { "w.bits": bits }, "E_MASK w"],
    ["no bits", { "w.shape": shape }, "E_MASK w.shape"],
    ["another tensor", { ...packed, v: bits }, "E_MASK v"],
    ["bits of another type", { ...packed, "w.bits": tensor(Int32Array.of(5, 3)) }, "E_MASK w"],
    ["a shape of another type", { ...packed, "w.shape": tensor(Float32Array.of(10)) }, "E_MASK w"],
    ["a shape that is no list", { ...packed, "w.shape": tensor(Int32Array.of(10), { shape: [1, 1] }) }, "E_MASK w"],
    ["negative dimensions", { ...packed, "w.shape": tensor(Int32Array.of(-2, -5)) }, "E_MASK w"],
  ])("bad: %s", (_name, damaged, code) => {
    expect(codeOf(() => unpackMask(damaged))).toBe(code);
  });
});
