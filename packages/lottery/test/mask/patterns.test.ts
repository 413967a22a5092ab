import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import { density, isNmMask, isSubmask, nmMask, nmMaskByScore, onesMask, pruneBlocks } from "../../src/index.ts";
import { parameters, pruneCases } from "../../src/testing/index.ts";
import { codeOf, words } from "./helpers.ts";

describe("N:M", () => {
  test("2:4 along rows", () => {
    const w = tensor([
      [0.1, -0.9, 0.3, 0.2],
      [0.5, -0.5, 0.5, 0.1],
      [0, 0, 0, 0],
    ]);
    expect(words(nmMask({ w }, { keep: 2, of: 4, axis: 1 })).w).toBe("011011001100");
  });

  test("the default is the input axis", () => {
    const dense = tensor([
      [1, 4],
      [2, 3],
      [3, 2],
      [4, 1],
    ]);
    expect(words(nmMask({ dense }, { keep: 2, of: 4 })).dense).toBe("01011010");
    expect(words(nmMask({ dense }, { keep: 1, of: 2, axis: -1 })).dense).toBe("01011010");
    const conv = tensor([[[[1]], [[3]], [[2]], [[4]]]]);
    expect(words(nmMask({ conv }, { keep: 2, of: 4 })).conv).toBe("0101");
  });

  test("scores keep their sign", () => {
    const w = tensor([[-5], [1]]);
    expect(words(nmMask({ w }, { keep: 1, of: 2 })).w).toBe("10");
    expect(words(nmMaskByScore({ w }, { keep: 1, of: 2 })).w).toBe("01");
  });

  const pattern = fc
    .integer({ min: 1, max: 4 })
    .chain((of) => fc.record({ of: fc.constant(of), keep: fc.integer({ min: 1, max: of }) }));

  test("exactly N stay in every group, none smaller than one that went", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 24, maxLength: 24 }),
        pattern,
        (list, { keep, of }) => {
          const w = tensor(list, { shape: [2, 12], dtype: "float32" });
          const kept = words(nmMask({ w }, { keep, of, axis: 1 })).w as string;
          for (let at = 0; at < 24; at += of) {
            const group = list
              .slice(at, at + of)
              .map((value, i) => ({ size: Math.abs(value), kept: kept[at + i] === "1" }));
            const stayed = group.filter((each) => each.kept).map(({ size }) => size);
            const went = group.filter((each) => !each.kept).map(({ size }) => size);
            expect(stayed).toHaveLength(keep);
            expect(Math.max(...went, 0)).toBeLessThanOrEqual(Math.min(...stayed));
          }
        },
      ),
      { seed: 5, numRuns: 40 },
    );
  });

  test("its masks have the pattern, others do not", () => {
    const w = tensor([
      [1, 4],
      [2, 3],
      [3, 2],
      [4, 1],
    ]);
    expect(isNmMask(nmMask({ w }, { keep: 2, of: 4 }), { keep: 2, of: 4 })).toBe(true);
    expect(isNmMask(nmMask({ w }, { keep: 2, of: 4 }), { keep: 1, of: 2 })).toBe(false);
    expect(isNmMask(onesMask({ w }), { keep: 3, of: 4 })).toBe(false);
    expect(isNmMask(onesMask({ w }), { keep: 4, of: 4 })).toBe(true);
  });

  const w = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  test.each<[string, () => unknown, string]>([
    ["of does not divide", () => nmMask({ w }, { keep: 2, of: 4 }), "E_NM_SHAPE w"],
    ["nor in a mask", () => isNmMask(onesMask({ w }), { keep: 2, of: 4 }), "E_NM_SHAPE w"],
    ["keep above of", () => nmMask({ w }, { keep: 3, of: 2 }), "E_OPTION"],
    ["keep 0", () => nmMask({ w }, { keep: 0, of: 2 }), "E_OPTION"],
    ["keep 0.5", () => nmMask({ w }, { keep: 0.5, of: 2.5 }), "E_OPTION"],
    ["no such axis", () => nmMask({ w }, { keep: 1, of: 1, axis: 2 }), "E_OPTION w"],
    ["NaN", () => nmMask({ w: tensor([[1], [Number.NaN]]) }, { keep: 1, of: 2 }), "E_NON_FINITE w[1]"],
    ["nothing prunable", () => nmMask({ b: tensor([1, 2]) }, { keep: 1, of: 2 }), "E_EMPTY"],
    [
      "no scores that are floats",
      () => nmMaskByScore({ b: tensor(Int32Array.of(1, 2), { shape: [2, 1] }) }, { keep: 1, of: 2 }),
      "E_PARAMETERS b",
    ],
  ])("bad: %s", (_name, call, code) => {
    expect(codeOf(call)).toBe(code);
  });

  test("tensors that do not fit are left out by the user alone", () => {
    const params = { w, v: tensor([[1], [2], [3], [4]]) };
    expect(words(nmMask(params, { keep: 2, of: 4, prunable: (name) => name === "v" }))).toEqual({ v: "0011" });
  });
});

describe("blocks", () => {
  const w = tensor([
    [3, 0, 1, 1],
    [0, 0, 1, 1],
  ]);

  test("the norm decides", () => {
    const mask = onesMask({ w });
    expect(words(pruneBlocks({ w }, mask, { block: [2, 2], rate: 0.5 })).w).toBe("11001100");
    expect(words(pruneBlocks({ w }, mask, { block: [2, 2], rate: 0.5, norm: 1 })).w).toBe("00110011");
  });

  test("only survivors count, and what is gone stays gone", () => {
    const mask = { w: tensor(Uint8Array.from([0, 1, 1, 0, 1, 1, 1, 1]), { shape: [2, 4], dtype: "bool" }) };
    expect(words(pruneBlocks({ w }, mask, { block: [2, 2], rate: 0.5 })).w).toBe("00100011");
    const half = { w: tensor(Uint8Array.from([0, 0, 1, 1, 0, 0, 1, 1]), { shape: [2, 4], dtype: "bool" }) };
    expect(words(pruneBlocks({ w }, half, { block: [1, 2], rate: 0.5 })).w).toBe("00000011");
  });

  test("a convolution is the matrix of its outputs by all else", () => {
    const conv = tensor(
      Float32Array.from({ length: 16 }, (_, i) => i),
      { shape: [2, 2, 2, 2] },
    );
    const left = pruneBlocks({ conv }, onesMask({ conv }), { block: [1, 4], rate: 0.5 });
    expect(words(left).conv).toBe("0000000011111111");
    expect(left.conv?.shape).toEqual([2, 2, 2, 2]);
  });

  test("blocks of one weight are magnitude pruning; whole tiles go", () => {
    fc.assert(
      fc.property(pruneCases(), ({ params, mask, rate }) => {
        const left = pruneBlocks(params, mask, { block: [1, 1], norm: 1, rate, allowEmpty: true });
        expect(isSubmask(left, mask)).toBe(true);
        for (const [name, { kept }] of Object.entries(density(mask).tensors)) {
          expect(density(left).tensors[name]?.kept).toBe(kept - Math.floor(rate * kept + 0.5));
        }
      }),
      { seed: 6, numRuns: 25 },
    );
    fc.assert(
      fc.property(parameters({ maxLayers: 1 }), (params) => {
        const [rows] = (Object.values(params)[0] as { shape: readonly number[] }).shape;
        const columnsOnly = pruneBlocks(params, onesMask(params), {
          block: [rows as number, 1],
          rate: 0.5,
          allowEmpty: true,
        });
        const word = Object.values(words(columnsOnly))[0] as string;
        const width = word.length / (rows as number);
        expect(word).toBe(word.slice(0, width).repeat(rows as number));
      }),
      { seed: 6, numRuns: 40 },
    );
  });

  test.each<[string, () => unknown, string]>([
    ["no tiling of rows", () => pruneBlocks({ w }, onesMask({ w }), { block: [3, 1], rate: 0.5 }), "E_NM_SHAPE w"],
    ["no tiling of columns", () => pruneBlocks({ w }, onesMask({ w }), { block: [1, 3], rate: 0.5 }), "E_NM_SHAPE w"],
    ["an empty block", () => pruneBlocks({ w }, onesMask({ w }), { block: [0, 1], rate: 0.5 }), "E_OPTION"],
    ["another norm", () => pruneBlocks({ w }, onesMask({ w }), { block: [1, 1], rate: 0.5, norm: 3 as 2 }), "E_OPTION"],
    [
      "NaN",
      () =>
        pruneBlocks({ w: tensor([[Number.NaN, 1]]) }, onesMask({ w: tensor([[1, 1]]) }), { block: [1, 1], rate: 0.5 }),
      "E_NON_FINITE w[0]",
    ],
    ["another mask", () => pruneBlocks({ v: w }, onesMask({ w }), { block: [1, 1], rate: 0.5 }), "E_MASK w"],
    ["an emptied tensor", () => pruneBlocks({ w }, onesMask({ w }), { block: [2, 4], rate: 0.5 }), "E_EMPTY w"],
  ])("bad: %s", (_name, call, code) => {
    expect(codeOf(call)).toBe(code);
  });
});
