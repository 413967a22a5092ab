import { expect, test } from "vitest";
import { checkedChart, textsOf } from "../../../../scripts/vitest/svg.ts";
import type { Connectivity } from "../../src/index.ts";
import { connectivityChart } from "../../src/report/index.ts";
import { codeOf, linesOf } from "./helpers.ts";

const part = {
  loss: [0.1, 0.5, 0.1],
  error: [0.02, 0.32, 0.04],
  barrier: { loss: 0.4, error: 0.29 },
  stable: false,
};
const line: Connectivity = { alphas: [0, 0.5, 1], parts: { test: part }, stable: false };

test("the error along the line, with its barrier", () => {
  const all = checkedChart(connectivityChart([{ name: "step 0", line }]));
  expect(textsOf(all)).toContain("step 0: barrier 29.0%");
  const [points = []] = linesOf(all, "pc-line1");
  expect(points.map(([x]) => x)).toEqual([70, 305, 540]);
  // The axis goes from 0 to 40 %.
  expect(points.map(([, y]) => Math.round(((262 - y) / 206) * 40))).toEqual([2, 32, 4]);
  expect(all.find(({ name }) => name === "desc")?.text).toBe("1 lines, the highest barrier is 29.0%");
});

test("the loss along the line", () => {
  expect(textsOf(checkedChart(connectivityChart([{ name: "a", line }], { value: "loss" })))).toContain(
    "a: barrier 0.400",
  );
  checkedChart(connectivityChart([]));
});

test("bad input", () => {
  expect(codeOf(() => connectivityChart([{ name: "a", line }], { part: "train" }))).toBe("E_OPTION");
  expect(codeOf(() => connectivityChart([], { value: "gain" as "loss" }))).toBe("E_OPTION");
});
