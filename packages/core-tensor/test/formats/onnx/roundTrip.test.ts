import { describe, expect, test } from "vitest";
import { readOnnx, writeOnnx } from "../../../src/formats/onnx/index.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import { add, expm1, lgamma, matmul, mul, relu, rsqrt, softplus } from "../../../src/ops/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { opNames } from "../../../src/testing/cases/index.ts";
import { roundTrips } from "./roundTrip.ts";

const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);

describe("a program that is written and read back gives the same bits in the reference", () => {
  test("random programs", () => {
    expect(roundTrips(200, seed).programs).toBe(200);
  });

  test("random programs with a symbolic dimension", () => {
    expect(roundTrips(100, seed, { symbolic: true }).programs).toBe(100);
  });

  test.each(["float16", "bfloat16"] as const)("random programs in %s", (float: DType) => {
    expect(roundTrips(60, seed, { float }).programs).toBe(60);
  });

  // ONNX Runtime has no kernels for float64 images: these ops are written as sums in another order.
  const images = ["conv2d", "convTranspose2d", "conv2dWeightGrad", "avgPool2d", "resize2d"];

  test("random programs in float64, without images", () => {
    const ops = opNames.filter((op) => !images.includes(op));
    expect(roundTrips(60, seed, { float: "float64", ops }).programs).toBe(60);
  });
});

describe("and is the same program", () => {
  const ops = (graph: ReturnType<typeof trace>): string[] => graph.nodes.map(({ op }) => op);

  test("nodes, names, constants and symbolic dimensions come back", () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ]);
    const graph = trace((x: Tensor) => relu(add(matmul(x, w), 1)), spec(["batch", 2], "float32", "x"));
    const back = readOnnx(writeOnnx(graph));
    expect(back.inputs).toEqual(["x"]);
    expect(back.types["x"]).toEqual({ dtype: "float32", shape: ["batch", 2] });
    expect(back.outputs.map(({ name }) => name)).toEqual(["output"]);
    expect(ops(back)).toEqual(ops(graph));
    expect(Object.keys(back.constants)).toEqual(Object.keys(graph.constants));
    expect(back.nodes.slice(0, 2).flatMap(({ outputs }) => outputs)).toEqual(["matmul_0", "add_0"]);
  });

  test("ops that ONNX has only as expressions come back as ops", () => {
    const graph = trace((x: Tensor) => mul(lgamma(softplus(rsqrt(x))), expm1(x)), spec([3], "float32", "x"));
    expect(ops(readOnnx(writeOnnx(graph)))).toEqual(ops(graph));
  });
});
