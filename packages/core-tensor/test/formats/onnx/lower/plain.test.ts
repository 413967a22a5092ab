import { describe, expect, test } from "vitest";
import {
  type Graph,
  type Tensor,
  argMax,
  argMin,
  convTranspose2d,
  max,
  maxPool2d,
  min,
  prod,
  simplify,
  sort,
  spec,
  sum,
  topK,
  trace,
} from "../../../../src/index.ts";
import { lowerModel } from "../../../../src/formats/onnx/lowerModel.ts";
import type { DType } from "../../../../src/tensor/dtype.ts";

const program = (fn: (x: Tensor) => unknown, dtype: DType = "float32"): Graph =>
  simplify(trace(fn, spec([1, 2, 8, 8], dtype)));
const operators = (graph: Graph): string[] =>
  (lowerModel(graph).model.graph?.node ?? []).map(({ opType }) => opType as string);

describe("plain operators", () => {
  test("extremes are one operator, without a second look for NaN", () => {
    expect(operators(program((x) => max(x, 1)))).toEqual(["ReduceMax"]);
    expect(operators(program((x) => min(x, [1, 2])))).toEqual(["ReduceMin"]);
    expect(operators(program((x) => maxPool2d(x, { kernel: 2 })))).toEqual(["MaxPool"]);
    expect(operators(program((x) => argMax(x, 1)))).toEqual(["ArgMax", "Cast"]);
    expect(operators(program((x) => argMin(x, 1)))).toEqual(["ArgMin", "Cast"]);
    expect(operators(program((x) => topK(x, 2).values))).toEqual(["TopK"]);
    expect(operators(program((x) => sort(x).values))).toEqual(["TopK"]);
  });

  test("sums of floats are one operator; those of whole numbers wrap by way of int64", () => {
    expect(operators(program((x) => sum(x, 1)))).toEqual(["ReduceSum"]);
    expect(operators(program((x) => prod(x, 1)))).toEqual(["ReduceProd"]);
    expect(operators(program((x) => sum(x, 1), "int64"))).toEqual(["ReduceSum"]);
    expect(operators(program((x) => sum(x, 1), "int32"))).toEqual(["Cast", "ReduceSum", "Cast"]);
    expect(operators(program((x) => prod(x, 1), "int8"))).toEqual(["Cast", "ReduceProd", "Cast"]);
  });
});

test("a transposed convolution with strides of 1 is a convolution with the kernel turned around", () => {
  const weight = spec([2, 3, 3, 3], "float32");
  const transposed = (options: Parameters<typeof convTranspose2d>[2]): string[] =>
    operators(
      simplify(trace((x: Tensor, w: Tensor) => convTranspose2d(x, w, options), spec([1, 2, 8, 8], "float32"), weight)),
    );
  expect(transposed({ pads: 1 })).toContain("Conv");
  expect(transposed({})).toContain("Conv");
  // Pads beyond the reach of the kernel cut off the image itself.
  expect(transposed({ pads: 3 })).toContain("ConvTranspose");
  expect(transposed({ strides: 2 })).toContain("ConvTranspose");
});
