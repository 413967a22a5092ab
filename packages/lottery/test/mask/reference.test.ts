import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import {
  densityLadder,
  erkDensities,
  type Mask,
  type Named,
  nmMask,
  onesMask,
  pruneBlocks,
  pruneByMagnitude,
  pruneByScore,
} from "../../src/index.ts";
import { flat, maskOf, words } from "./helpers.ts";

interface Reference {
  readonly compat: readonly {
    readonly values: Readonly<Record<string, readonly number[]>>;
    readonly mask: Readonly<Record<string, string>>;
    readonly rate: number;
    readonly density: number;
    readonly google: Readonly<Record<string, string>>;
    readonly openLth: Readonly<Record<string, string>>;
    readonly synflowGlobal: Readonly<Record<string, string>>;
    readonly synflowLayer: Readonly<Record<string, string>>;
  }[];
  readonly torch: readonly { readonly values: number[]; readonly rate: number; readonly levels: string[] }[];
  readonly erk: readonly { readonly shapes: number[][]; readonly density: number; readonly densities: number[] }[];
  readonly nm: readonly {
    readonly shape: number[];
    readonly axis: number;
    readonly keep: number;
    readonly of: number;
    readonly values: number[];
    readonly mask: string;
  }[];
  readonly blocks: readonly {
    readonly shape: number[];
    readonly block: [number, number];
    readonly norm: 1 | 2;
    readonly rate: number;
    readonly values: number[];
    readonly before: string;
    readonly mask: string;
  }[];
  readonly ladder: readonly [number, number, number][];
}

const path = new URL("../fixtures/mask/mask.json", import.meta.url);
const reference = JSON.parse(readFileSync(path, "utf8")) as Reference;

describe("compat rules agree with their reimplementations in numpy and torch", () => {
  test.each(reference.compat.map((each, i) => ({ ...each, i })))("case $i", (example) => {
    const scores = flat(example.values);
    const mask = maskOf(example.mask);
    const { rate, density } = example;
    const allowEmpty = true;
    expect(words(pruneByScore(scores, mask, { rate, compat: "google", allowEmpty }))).toEqual(example.google);
    const open = { rate: { a: rate, b: rate }, scope: "global", compat: "open_lth", allowEmpty } as const;
    expect(words(pruneByScore(scores, mask, open))).toEqual(example.openLth);
    const synflow = { density, compat: "synflow", allowEmpty } as const;
    expect(words(pruneByScore(scores, mask, { ...synflow, scope: "global" }))).toEqual(example.synflowGlobal);
    expect(words(pruneByScore(scores, mask, synflow))).toEqual(example.synflowLayer);
  });

  test("ten distinct weights at rate 0.2: two go, or three, or two", () => {
    const scores = flat({ w: [5, 3, 8, 1, 9, 2, 7, 10, 4, 6] });
    const mask = maskOf({ w: "1111111111" });
    expect(words(pruneByScore(scores, mask, { rate: 0.2 })).w).toBe("1110101111");
    expect(words(pruneByScore(scores, mask, { rate: 0.2, compat: "google" })).w).toBe("1010101111");
    expect(words(pruneByScore(scores, mask, { rate: 0.2, compat: "open_lth", scope: "global" })).w).toBe("1010101111");
    expect(words(pruneByScore(scores, mask, { rate: 0.2, compat: "synflow" })).w).toBe("1110101111");
  });
});

test.each(reference.torch)("torch.nn.utils.prune.l1_unstructured, rate $rate", ({ values, rate, levels }) => {
  const params = { w: tensor(Float32Array.from(values)) };
  let mask: Mask = maskOf({ w: "1".repeat(values.length) });
  for (const level of levels) {
    mask = pruneByMagnitude(params, mask, { rate, allowEmpty: true });
    expect(words(mask).w).toBe(level);
  }
});

function named(shapes: readonly number[][], values: readonly number[][] = []): Named {
  const entries = shapes.map((shape, i) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return [`w${i}`, tensor(Float64Array.from(values[i] ?? new Array<number>(size).fill(1)), { shape })] as const;
  });
  return Object.fromEntries(entries);
}

describe("Erdős-Rényi kernel densities", () => {
  test.each(reference.erk)("density $density of $shapes", ({ shapes, density, densities }) => {
    const mask = onesMask(named(shapes));
    const found = erkDensities(mask, density);
    for (const [i, each] of densities.entries()) expect(found[`w${i}`]).toBeCloseTo(each, 12);
  });

  test("LeNet-300-100 at 0.1", () => {
    const shapes = [
      [784, 300],
      [300, 100],
      [100, 10],
    ];
    const found = Object.values(erkDensities(onesMask(named(shapes)), 0.1));
    expect(found.map((each) => Number(each.toFixed(10)))).toEqual([0.0795677705, 0.2301886792, 1]);
  });
});

test.each(reference.nm)("$keep of $of along axis $axis of $shape", ({ shape, axis, keep, of, values, mask }) => {
  expect(words(nmMask(named([shape], [values]), { keep, of, axis })).w0).toBe(mask);
});

test.each(reference.blocks)("blocks of $block, norm $norm", ({ shape, block, norm, rate, values, before, mask }) => {
  const start = { w0: tensor(Uint8Array.from(before, Number), { shape, dtype: "bool" }) };
  expect(words(pruneBlocks(named([shape], [values]), start, { block, norm, rate })).w0).toBe(mask);
});

describe("the ladder of LeNet-300-100, rates 0.2, 0.2 and 0.1", () => {
  const sizes = { w1: 235200, w2: 30000, w3: 1000 };
  const levels = densityLadder(sizes, { rate: 0.2, outputLayer: "w3", rounds: 25 });

  test("levels 0 to 25", () => {
    expect(levels.map(({ tensors }) => Object.values(tensors).map(({ kept }) => kept))).toEqual(reference.ladder);
    expect(levels.map(({ level }) => level)).toEqual(reference.ladder.map((_, level) => level));
  });

  // Level, survivors of each tensor and together, per cent.
  test.each([
    [0, 235200, 30000, 1000, 266200, 100],
    [1, 188160, 24000, 900, 213060, 80.038],
    [2, 150528, 19200, 810, 170538, 64.064],
    [3, 120422, 15360, 729, 136511, 51.281],
    [5, 77070, 9830, 590, 87490, 32.866],
    [7, 49325, 6291, 478, 56094, 21.072],
    [9, 31568, 4026, 387, 35981, 13.517],
    [12, 16162, 2062, 282, 18506, 6.952],
    [15, 8275, 1056, 206, 9537, 3.583],
    [20, 2712, 346, 121, 3179, 1.194],
    [25, 889, 114, 71, 1074, 0.403],
  ])("level %i", (level, w1, w2, w3, total, percent) => {
    const found = levels[level];
    expect(Object.values(found?.tensors ?? {}).map(({ kept }) => kept)).toEqual([w1, w2, w3]);
    expect(found?.kept).toBe(total);
    expect(Number(((found?.density ?? 0) * 100).toFixed(3))).toBe(percent);
  });

  test("real prunings follow it", () => {
    const params = {
      w1: tensor(
        Float32Array.from({ length: 2352 }, (_, i) => Math.sin(i)),
        { shape: [84, 28] },
      ),
      w3: tensor(
        Float32Array.from({ length: 280 }, (_, i) => Math.cos(i)),
        { shape: [28, 10] },
      ),
    };
    const plan = densityLadder({ w1: 2352, w3: 280 }, { rate: 0.2, outputLayer: "w3", rounds: 12 });
    let mask = onesMask(params);
    for (const { tensors } of plan.slice(1)) {
      mask = pruneByMagnitude(params, mask, { rate: 0.2, outputLayer: "w3" });
      const kept = Object.values(words(mask)).map((word) => word.replaceAll("0", "").length);
      expect(kept).toEqual(Object.values(tensors).map((each) => each.kept));
    }
  });
});
