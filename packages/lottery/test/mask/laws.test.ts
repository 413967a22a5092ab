import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import { density, equalMasks, type Mask, pruneByMagnitude, pruneByScore } from "../../src/index.ts";
import { masks, maskLaws, parameters, pruneCases, scores } from "../../src/testing/index.ts";
import { codeOf, words } from "./helpers.ts";

const seed = { seed: 1, numRuns: 40 };

describe.each(["layer", "global"] as const)("%s scope", (scope) => {
  const prune = (params: unknown, mask: Mask, rate: number): Mask =>
    pruneByMagnitude(params, mask, { rate, scope, allowEmpty: true });
  test.each(maskLaws(prune, { scope }))("$name", ({ check }) => {
    fc.assert(fc.property(pruneCases(), check), seed);
  });
});

test("one tensor: global and layer-wise are the same", () => {
  fc.assert(
    fc.property(pruneCases({ maxLayers: 1 }), ({ params, mask, rate }) => {
      const [layer, global] = (["layer", "global"] as const).map((scope) =>
        pruneByMagnitude(params, mask, { rate, scope, allowEmpty: true }),
      );
      expect(equalMasks(layer as Mask, global as Mask)).toBe(true);
    }),
    seed,
  );
});

test("rate 1 empties where that is allowed", () => {
  fc.assert(
    fc.property(pruneCases(), ({ params, mask }) => {
      expect(density(pruneByMagnitude(params, mask, { rate: 1, allowEmpty: true })).kept).toBe(0);
      if (density(mask).kept > 0) expect(codeOf(() => pruneByMagnitude(params, mask, { rate: 1 }))).toMatch("E_EMPTY");
    }),
    seed,
  );
});

const scored = parameters()
  .chain((params) => masks(params))
  .chain((mask) =>
    fc.record({ mask: fc.constant(mask), score: scores(mask), rate: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );

test("the mask is that of a stable sort of the survivors", () => {
  fc.assert(
    fc.property(scored, ({ mask, score, rate }) => {
      const survivors = Object.keys(mask)
        .sort()
        .flatMap((name) => {
          const values = score[name]?.dataSync() as Float64Array;
          const kept = mask[name]?.dataSync() as Uint8Array;
          return [...values].map((value, i) => ({ name, i, value })).filter(({ i }) => kept[i] === 1);
        })
        .toSorted((a, b) => a.value - b.value);
      const expected = Object.fromEntries(Object.entries(words(mask)).map(([name, word]) => [name, [...word]]));
      for (const { name, i } of survivors.slice(0, Math.floor(rate * survivors.length + 0.5))) {
        (expected[name] as string[])[i] = "0";
      }
      const left = words(pruneByScore(score, mask, { rate, scope: "global", allowEmpty: true }));
      for (const name of Object.keys(mask)) expect(left[name]).toBe(expected[name]?.join(""));
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("all weights equal: the count is exact, the first go", () => {
  const params = { w: tensor(new Float32Array(1000).fill(-0.25), { shape: [10, 100] }) };
  const mask = { w: tensor(new Uint8Array(1000).fill(1), { shape: [10, 100], dtype: "bool" }) };
  const left = pruneByMagnitude(params, mask, { rate: 0.2 });
  expect(words(left).w).toBe("0".repeat(200) + "1".repeat(800));
});

test("a minimum per tensor keeps the total where it can, and the best of each tensor", () => {
  fc.assert(
    fc.property(pruneCases(), fc.nat(4), ({ params, mask, rate }, minPerTensor) => {
      const before = density(mask);
      const left = pruneByMagnitude(params, mask, { rate, scope: "global", minPerTensor, allowEmpty: true });
      const after = density(left);
      const least = Object.values(before.tensors).map(({ kept }) => Math.min(kept, minPerTensor));
      const total = before.kept - Math.floor(rate * before.kept + 0.5);
      expect(after.kept).toBe(
        Math.max(
          total,
          least.reduce((sum, each) => sum + each, 0),
        ),
      );
      for (const [i, each] of Object.values(after.tensors).entries()) {
        expect(each.kept).toBeGreaterThanOrEqual(least[i] as number);
      }
    }),
    seed,
  );
});
