import { describe, expect, test } from "vitest";
import { tensor } from "@parsimony/core-tensor";
import { density, type Mask, onesMask, pruneByMagnitude, pruneByScore, type PruneOptions } from "../../src/index.ts";
import { codeOf, flat, maskOf, words } from "./helpers.ts";

const ten = [0.5, -0.1, 0.3, -0.7, 0.2, 0.1, -0.4, 0, 0.9, -0.2];

describe("by magnitude", () => {
  test.each(["float32", "float64"] as const)("four steps at rate 0.2, %s", (dtype) => {
    const params = { w: tensor(ten, { dtype }) };
    const levels: string[] = [];
    let mask: Mask = maskOf({ w: "1111111111" });
    for (let level = 1; level <= 4; level++) {
      mask = pruneByMagnitude(params, mask, { rate: 0.2 });
      levels.push(words(mask).w as string);
    }
    expect(levels).toEqual(["1011111011", "1011001011", "1011001010", "1001001010"]);
  });

  test("trees and flat records are the same parameters; biases are left alone", () => {
    const weight = tensor([
      [3, -1],
      [2, 4],
    ]);
    const bias = tensor([0, 0]);
    const tree = { hidden: { weight, bias } };
    const left = pruneByMagnitude(tree, onesMask(tree), { rate: 0.5 });
    expect(words(left)).toEqual({ "hidden.weight": "1001" });
    const named = { "hidden.weight": weight, "hidden.bias": bias };
    expect(words(pruneByMagnitude(named, onesMask(named), { rate: 0.5 }))).toEqual(words(left));
  });

  test("layer scope prunes each tensor, global scope all together", () => {
    const params = flat({ a: [1, 2, 3, 4], b: [10, 20, 30, 40] });
    const mask = maskOf({ a: "1111", b: "1111" });
    expect(words(pruneByMagnitude(params, mask, { rate: 0.5 }))).toEqual({ a: "0011", b: "0011" });
    expect(words(pruneByMagnitude(params, mask, { rate: 0.375, scope: "global" }))).toEqual({ a: "0001", b: "1111" });
  });

  test("ties go by name, then by flat index", () => {
    const params = flat({ b: [1, -1, 1], a: [1, 1, -1] });
    const mask = maskOf({ b: "111", a: "111" });
    expect(words(pruneByMagnitude(params, mask, { rate: 4 / 6, scope: "global", allowEmpty: true }))).toEqual({
      a: "000",
      b: "011",
    });
    expect(words(pruneByMagnitude(params, mask, { rate: 1 / 3 }))).toEqual({ a: "011", b: "011" });
  });

  test("what is pruned is not looked at", () => {
    const params = flat({ a: [Number.NaN, 1, 2, Number.POSITIVE_INFINITY] });
    expect(words(pruneByMagnitude(params, maskOf({ a: "0110" }), { rate: 0.5 }))).toEqual({ a: "0010" });
  });
});

describe("by score", () => {
  test("the largest stay, whatever their sign", () => {
    const scores = flat({ a: [-3, 2, -0, 0, 1e-320, -1e-320, 1e300, -1e300] });
    const mask = maskOf({ a: "11111111" });
    const left = [1, 2, 3, 4, 5, 6, 7].map((gone) => words(pruneByScore(scores, mask, { rate: gone / 8 })).a);
    expect(left).toEqual(["11111110", "01111110", "01111010", "01011010", "01001010", "01000010", "00000010"]);
  });

  test.each(["float32", "float64"] as const)("zeros of both signs are equal, %s", (dtype) => {
    const scores = { a: tensor([1, 0, -0, 0, -0, -1], { dtype }) };
    const mask = maskOf({ a: "111111" });
    const left = [1, 2, 3, 4, 5].map((gone) => words(pruneByScore(scores, mask, { rate: gone / 6 })).a);
    expect(left).toEqual(["111110", "101110", "100110", "100010", "100000"]);
  });

  test("float32 and float64 tensors in one ranking are compared exactly", () => {
    const third = Math.fround(1 / 3);
    const scores = { a: tensor([third, third]), b: tensor([1 / 3, third, 1 / 3], { dtype: "float64" }) };
    const left = pruneByScore(scores, maskOf({ a: "11", b: "111" }), { rate: 0.6, scope: "global" });
    // 1/3 rounds up to float32: the two doubles go first, then the first of equals.
    expect(words(left)).toEqual({ a: "01", b: "010" });
  });
});

describe("how much", () => {
  const params = flat({ a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4], out: [1, 2, 3, 4] });
  const mask = maskOf({ a: "11111111", b: "1111", out: "1111" });
  const kept = (options: PruneOptions, from = mask): number[] =>
    Object.values(density(pruneByMagnitude(params, from, options)).tensors).map((each) => each.kept);

  test.each<[string, PruneOptions, number[]]>([
    ["one rate", { rate: 0.5 }, [4, 2, 2]],
    ["half the rate for the output layer", { rate: 0.5, outputLayer: "out" }, [4, 2, 3]],
    ["a rate of its own for the output layer", { rate: 0.5, outputLayer: "out", outputRate: 0 }, [4, 2, 4]],
    ["rates by name; others are left alone", { rate: { a: 0.25, out: 0.5 } }, [6, 4, 2]],
    ["a density", { density: 0.25 }, [2, 1, 1]],
    ["a density of all together", { density: 0.25, scope: "global" }, [4, 0, 0]],
    ["densities by name", { densities: { a: 0.125, b: 1 } }, [1, 4, 4]],
    ["globally with the output layer apart", { rate: 0.5, scope: "global", outputLayer: "out" }, [5, 1, 3]],
    ["globally, equal rates together", { rate: { a: 0.5, b: 0.5, out: 0 }, scope: "global" }, [5, 1, 4]],
    ["at least two of each", { density: 0.25, scope: "global", minPerTensor: 1 }, [2, 1, 1]],
    ["the minimum before the rate", { rate: 1, minPerTensor: 3 }, [3, 3, 3]],
    ["rate 1", { rate: 1, allowEmpty: true }, [0, 0, 0]],
    ["rate 0", { rate: 0 }, [8, 4, 4]],
  ])("%s", (_name, options, expected) => {
    expect(kept({ allowEmpty: true, ...options })).toEqual(expected);
  });

  test("densities count all weights, rates the survivors", () => {
    const half = maskOf({ a: "00001111", b: "0011", out: "1111" });
    expect(kept({ rate: 0.5 }, half)).toEqual([2, 1, 2]);
    expect(kept({ density: 0.25 }, half)).toEqual([2, 1, 1]);
    expect(kept({ density: 0.5 }, half)).toEqual([4, 2, 2]);
  });

  test("the minimum is what is best in a tensor", () => {
    const left = pruneByMagnitude(params, mask, { density: 3 / 16, scope: "global", minPerTensor: 1 });
    expect(words(left)).toEqual({ a: "00000001", b: "0001", out: "0001" });
  });

  test.each<[string, PruneOptions, string]>([
    ["nothing", {}, "E_OPTION"],
    ["two amounts", { rate: 0.1, density: 0.5 }, "E_OPTION"],
    ["rate above 1", { rate: 1.5 }, "E_RATE"],
    ["rate below 0", { rate: -0.1 }, "E_RATE"],
    ["rate NaN", { rate: Number.NaN }, "E_RATE"],
    ["rate of a tensor", { rate: { a: 2 } }, "E_RATE"],
    ["density above 1", { density: 1.1 }, "E_RATE"],
    ["densities above 1", { densities: { a: 1.1 } }, "E_RATE"],
    ["outputRate above 1", { rate: 0.1, outputLayer: "out", outputRate: 7 }, "E_RATE"],
    ["an unknown tensor", { rate: { c: 0.1 } }, "E_OPTION c"],
    ["an unknown output layer", { rate: 0.1, outputLayer: "c" }, "E_OPTION c"],
    ["outputRate alone", { rate: 0.1, outputRate: 0.1 }, "E_OPTION"],
    ["outputLayer and a record", { rate: { a: 0.1 }, outputLayer: "out" }, "E_OPTION"],
    ["outputLayer and a density", { density: 0.5, outputLayer: "out" }, "E_OPTION"],
    ["densities in global scope", { densities: { a: 0.5 }, scope: "global" }, "E_OPTION"],
    ["a scope of its own", { rate: 0.1, scope: "net" as "global" }, "E_OPTION"],
    ["a minimum of 1.5", { rate: 0.1, minPerTensor: 1.5 }, "E_OPTION"],
    ["an emptied tensor", { rate: 0.9 }, "E_EMPTY b"],
    ["a tensor emptied by the others", { density: 0.25, scope: "global" }, "E_EMPTY b"],
    ["google in global scope", { rate: 0.1, compat: "google", scope: "global" }, "E_OPTION"],
    ["open_lth in layer scope", { rate: 0.1, compat: "open_lth" }, "E_OPTION"],
    ["google with a density", { density: 0.1, compat: "google" }, "E_OPTION"],
    ["synflow with a minimum", { density: 0.1, compat: "synflow", minPerTensor: 1 }, "E_OPTION"],
    ["a rule of its own", { rate: 0.1, compat: "tf" as "google" }, "E_OPTION"],
    ["google at rate 1", { rate: 1, compat: "google" }, "E_RATE a"],
  ])("bad: %s", (_name, options, code) => {
    expect(codeOf(() => kept(options))).toBe(code);
  });

  test("a density above the present one is an error", () => {
    const half = maskOf({ a: "00001111", b: "0011", out: "1111" });
    expect(codeOf(() => kept({ density: 0.75 }, half))).toBe("E_RATE a");
    expect(codeOf(() => kept({ densities: { b: 0.75 } }, half))).toBe("E_RATE b");
    expect(codeOf(() => kept({ density: 0.75, scope: "global" }, half))).toBe("E_RATE the tensors together");
    expect(codeOf(() => kept({ density: 0.75, compat: "synflow" }, half))).toBe("E_RATE a");
  });

  test("an empty tensor may stay empty", () => {
    expect(kept({ rate: 0.5 }, maskOf({ a: "00000000", b: "0011", out: "1111" }))).toEqual([0, 1, 2]);
  });
});

describe("scores and masks that do not fit", () => {
  const mask = maskOf({ a: "11" });
  test.each<[string, () => unknown, string]>([
    ["NaN", () => pruneByScore(flat({ a: [1, Number.NaN] }), mask, { rate: 0.5 }), "E_NON_FINITE a[1]"],
    ["infinite", () => pruneByMagnitude(flat({ a: [-1 / 0, 1] }), mask, { rate: 0.5 }), "E_NON_FINITE a[0]"],
    ["missing scores", () => pruneByScore(flat({ b: [1, 2] }), mask, { rate: 0.5 }), "E_PARAMETERS a"],
    ["another shape", () => pruneByScore(flat({ a: [1, 2, 3] }), mask, { rate: 0.5 }), "E_PARAMETERS a"],
    ["missing weights", () => pruneByMagnitude(flat({ b: [1, 2] }), mask, { rate: 0.5 }), "E_MASK a"],
    ["whole numbers", () => pruneByScore({ a: tensor(Int32Array.of(1, 2)) }, mask, { rate: 0.5 }), "E_PARAMETERS a"],
  ])("%s", (_name, call, code) => {
    expect(codeOf(call)).toBe(code);
  });
});
