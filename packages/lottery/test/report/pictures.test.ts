import { tensor } from "@parsimony/core-tensor";
import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../../scripts/vitest/svg.ts";
import { connectionsPerInput, initialWeightsChart, inputMapChart, layerDensityChart } from "../../src/report/index.ts";
import { codeOf, level, linesOf, maskOf } from "./helpers.ts";

// [inputs, outputs] = [4, 3]
const mask = maskOf("w", [4, 3], [1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1]);

test("connections are counted along an axis", () => {
  expect([...connectionsPerInput(mask, "w")]).toEqual([3, 0, 1, 2]);
  expect([...connectionsPerInput(mask, "w", { axis: 1 })]).toEqual([2, 2, 2]);
  const kernel = maskOf("k", [2, 2, 1, 2], [1, 0, 1, 1, 0, 0, 1, 1]);
  expect([...connectionsPerInput(kernel, "k", { axis: 1 })]).toEqual([1, 4]);
});

test("the picture has a cell for each input that is used", () => {
  const all = checkedChart(inputMapChart(mask, "w", { width: 224, height: 300 }));
  const cells = all.find(({ attributes }) => attributes["shape-rendering"] === "crispEdges")?.children ?? [];
  const seen = cells.map(({ attributes }) => [attributes["x"], attributes["y"], attributes["fill-opacity"]]);
  // Two by two cells of 100 pixels; input 1 has none.
  expect(seen).toEqual([
    ["12", "34", undefined],
    ["12", "134", "0.328"],
    ["112", "134", "0.672"],
  ]);
  expect(all.find(({ name }) => name === "desc")?.text).toBe("6 connections from 3 of 4 inputs (75.0%)");
  checkedChart(inputMapChart(mask, "w", { axis: 1 }));
  checkedChart(inputMapChart(mask, "w", { columns: 4 }));
});

test("initial weights of survivors are counted in the bins of all", () => {
  const initial = { w: tensor([-1, -1, -0.5, 0, 0, 0, 0.25, 0.25, 0.5, 0.5, 1, 1], { shape: [4, 3] }) };
  const all = checkedChart(initialWeightsChart(initial, [{ name: "50%", mask }], "w", { bins: 2, isDensity: false }));
  expect(all.find(({ name }) => name === "desc")?.text).toBe("12 weights; kept: 6");
  // Bins [-1, 0) and [0, 1]: 3 and 9 weights; kept are -1, -1, -0.5 and 0.25, 1, 1. The axis ends at 10.
  const heights = (name: string): number[] =>
    (linesOf(all, name).at(-1) ?? []).map(([, y]) => Math.round(((262 - y) / 206) * 10));
  expect(heights("pc-line1")).toEqual([0, 3, 3, 9, 9, 0]);
  expect(heights("pc-line2")).toEqual([0, 3, 3, 3, 3, 0]);
  expect(textsOf(all)).toEqual(expect.arrayContaining(["all", "50% kept"]));
  // Survivors that fill a part of the range have the same bins.
  const few = maskOf("w", [4, 3], [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  const part = checkedChart(initialWeightsChart(initial, [{ name: "few", mask: few }], "w", { bins: 2 }));
  expect((linesOf(part, "pc-line2").at(-1) ?? []).map(([x]) => x)).toEqual([70, 70, 305, 305, 540, 540]);
});

test("densities of layers, on a logarithmic axis", () => {
  const run = { early: 0, final: 0, step: 0, loss: [1, 1, 1] } as const;
  const levels = [100, 55, 19, 10].map((kept, i) => level(i, { ...run, kept }));
  const all = checkedChart(layerDensityChart(levels));
  const [line = []] = linesOf(all, "pc-line1");
  // Densities 1, 0.5, 0.1, and none, which is left out.
  expect(line.map(([x]) => Math.round(x))).toEqual([70, 227, 383]);
  expect(textsOf(all)).toEqual(expect.arrayContaining(["a", "b", "100%", "10%"]));
  expect(textsOf(checkedChart(layerDensityChart(levels, { tensors: ["b"] })))).not.toContain("a");
  checkedChart(layerDensityChart([]));
});

test("bad input", () => {
  expect(codeOf(() => connectionsPerInput(mask, "v"))).toBe("E_MASK");
  expect(codeOf(() => connectionsPerInput(mask, "w", { axis: 2 }))).toBe("E_OPTION");
  expect(codeOf(() => connectionsPerInput(mask, "w", { axis: -1 }))).toBe("E_OPTION");
  expect(codeOf(() => inputMapChart(mask, "w", { columns: 3 }))).toBe("E_OPTION");
  expect(codeOf(() => inputMapChart(mask, "w", { columns: 0 }))).toBe("E_OPTION");
  const initial = { w: tensor([1, 2]), n: tensor([1, 2], { dtype: "int32" }) };
  expect(codeOf(() => initialWeightsChart(initial, [], "v"))).toBe("E_PARAMETERS");
  expect(codeOf(() => initialWeightsChart(initial, [], "n"))).toBe("E_PARAMETERS");
  expect(codeOf(() => initialWeightsChart(initial, [{ name: "", mask }], "w"))).toBe("E_MASK");
  expect(codeOf(() => initialWeightsChart(initial, [{ name: "", mask: {} }], "w"))).toBe("E_MASK");
  expect(codeOf(() => initialWeightsChart(initial, [], "w", { bins: 0 }))).toBe("E_OPTION");
  expect(
    codeOf(() =>
      layerDensityChart([level(0, { kept: 50, early: 0, final: 0, step: 0, loss: [1, 1, 1] })], { tensors: ["c"] }),
    ),
  ).toBe("E_OPTION");
  expect(codeOf(() => layerDensityChart([], { tensors: new Array<string>(13).fill("a") }))).toBe("E_OPTION");
});
