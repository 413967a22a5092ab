import { expect, test } from "vitest";
import { grad } from "../../../src/graph/grad.ts";
import { castDerivatives } from "../../../src/ops/derivatives/cast.ts";
import * as ops from "../../../src/ops/index.ts";
import { castPrimitives } from "../../../src/ops/cast/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { doubles, expectGradients, expectGradientsTwice } from "../../support/differences.ts";

test("cast between floats hands the cotangent back in the dtype of its input", () => {
  const gradient = grad((x: Tensor) => ops.sum(ops.cast(ops.mul(x, x), "float64")))(
    tensor([1, 3], { dtype: "float16" }),
  );
  expect([gradient.dtype, gradient.toArray()]).toEqual(["float16", [2, 6]]);
  expectGradientsTwice((x) => ops.cast(ops.mul(ops.cast(x, "float64"), x), "float64"), [doubles([1.5, -2])]);
});

test("nothing flows through whole numbers, quantised values and stopGradient", () => {
  const x = tensor([1.5, 2.5]);
  const slopes = (fn: (v: Tensor) => Tensor): unknown => grad((v: Tensor) => ops.sum(ops.mul(v, fn(v))))(x).toArray();
  expect(slopes((v) => ops.cast(ops.cast(v, "int32"), "float32"))).toEqual([1, 2]);
  expect(slopes((v) => ops.dequantize(ops.quantize(v, 1, 0), 1))).toEqual([2, 2]);
  expect(slopes(ops.stopGradient)).toEqual([1.5, 2.5]);
});

test("dequantize is differentiated in its scale", () => {
  const q = tensor(Int8Array.of(1, -2, 3, 4, 5, -6, 7, 8, 9, 0, 1, 2), { shape: [2, 6] });
  expectGradients((scale) => ops.dequantize(q, ops.mul(scale, scale), 1), [doubles([0.5], [])]);
  expectGradients(
    (scale) => ops.dequantize(q, scale, tensor(Int8Array.of(1, -1)), { axis: 0 }),
    [doubles([0.5, 0.25])],
  );
  expectGradients(
    (scale) => ops.dequantize(q, scale, 2, { axis: -1, blockSize: 3 }),
    [doubles([0.5, 0.25, 1, 2], [2, 2])],
  );
  const packed = tensor([1, -2, 3], { dtype: "int4" });
  expectGradients((scale) => ops.dequantize(packed, scale), [doubles([0.5], [])]);
  expect(grad((scale: Tensor) => ops.sum(ops.dequantize(packed, scale)))(tensor(0)).item()).toBe(2);
});

test("every op of the family has a derivative or says that it has none", () => {
  expect(Object.keys(castDerivatives).sort()).toEqual(Object.keys(castPrimitives).sort());
});
