import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vjp } from "../../../src/graph/grad.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import {
  cast,
  avgPool2d,
  conv2d,
  conv2dWeightGrad,
  convTranspose2d,
  globalAvgPool2d,
  globalMaxPool2d,
  maxPool2d,
  maxPool2dWithIndices,
  resize2d,
} from "../../../src/ops/index.ts";
import { linalgPrimitives } from "../../../src/ops/linalg/index.ts";
import type { ValueType } from "../../../src/ops/program.ts";
import type { CoordinateMode, NearestMode, Pads2d, Pair } from "../../../src/ops/vocabulary.ts";
import { tensor } from "../../../src/tensor/create.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { expectGradientsTwice } from "../../support/differences.ts";
import { readGolden } from "../../support/golden.ts";

interface Value {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Golden {
  readonly conv: readonly {
    strides: Pair;
    pads: Pads2d;
    dilations: Pair;
    groups: number;
    x: Value;
    weight: Value;
    y: Value;
    dy: Value;
    dx: Value;
    dw: Value;
  }[];
  readonly transposed: readonly (Golden["conv"][number] & { outputPadding: Pair })[];
  readonly maxPool: readonly {
    kernel: Pair;
    strides: Pair;
    pads: Pads2d;
    dilations: Pair;
    x: Value;
    y: Value;
    indices: Value;
    dy: Value;
    dx: Value;
  }[];
  readonly avgPool: readonly {
    kernel: Pair;
    strides: Pair;
    pads: Pads2d;
    countIncludePad: boolean;
    x: Value;
    y: Value;
    dy: Value;
    dx: Value;
  }[];
  readonly resize: readonly {
    mode: "nearest" | "linear";
    nearestMode: NearestMode;
    coordinateMode: CoordinateMode;
    size: Pair;
    x: Value;
    y: Value;
  }[];
}
const golden = readGolden<Golden>(new URL("../fixtures/linalg.json", import.meta.url));

const read = ({ shape, data }: Value): HostTensor => tensor(Float64Array.from(data), { shape });

/** Values of both, compared to 1e-11: float64 sums of at most a few hundred products of size 1. */
function expectClose(found: Tensor, expected: Value | Tensor): void {
  const wanted =
    "data" in expected && typeof expected.data !== "function" ? read(expected as Value) : (expected as Tensor);
  expect(found.shape).toEqual(wanted.shape);
  const [a, b] = [found.dataSync() as Float64Array, wanted.dataSync() as Float64Array];
  a.forEach((value, i) =>
    expect(Math.abs(value - (b[i] as number)), `element ${i}: ${value} and ${b[i]}`).toBeLessThan(1e-11),
  );
}

const wavy = (shape: readonly number[], dtype: DType = "float64"): HostTensor =>
  tensor(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i + 1)),
    { shape, dtype },
  );
const dot = (a: Tensor, b: Tensor): number => {
  const [x, y] = [a.dataSync() as Float64Array, b.dataSync() as Float64Array];
  return x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
};
const type = (shape: ValueType["shape"], dtype: DType = "float32"): ValueType => ({ dtype, shape });

describe("conv2d", () => {
  test("slides a kernel, by hand", () => {
    const x = [
      [
        [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ],
      ],
    ];
    const weight = [
      [
        [
          [1, 0],
          [0, -1],
        ],
      ],
    ];
    expect(conv2d(x, weight).toArray()).toEqual([
      [
        [
          [-4, -4],
          [-4, -4],
        ],
      ],
    ]);
    expect(conv2d(x, weight, { pads: [1, 1, 0, 0], strides: 2 }).toArray()).toEqual([
      [
        [
          [-1, -3],
          [-7, -4],
        ],
      ],
    ]);
    expect(conv2d(x, weight, { bias: [10] }).toArray()).toEqual([
      [
        [
          [6, 6],
          [6, 6],
        ],
      ],
    ]);
  });

  test("agrees with PyTorch, with both derivatives", () => {
    for (const { x, weight, y, dy, dx, dw, ...options } of golden.conv) {
      const { value, pullback } = vjp(
        (image: Tensor, kernel: Tensor) => conv2d(image, kernel, options),
        read(x),
        read(weight),
      );
      expectClose(value, y);
      const [imageGradient, weightGradient] = pullback(read(dy));
      expectClose(imageGradient, dx);
      expectClose(weightGradient, dw);
    }
  });

  test("pads as TensorFlow does for same: the odd cell at the bottom and right", () => {
    const x = wavy([1, 1, 5, 6]);
    const weight = wavy([1, 1, 2, 3]);
    expectClose(conv2d(x, weight, { pads: "same" }), conv2d(x, weight, { pads: [0, 1, 1, 1] }));
    expectClose(conv2d(x, weight, { pads: "same", strides: 2 }), conv2d(x, weight, { pads: [0, 0, 1, 1], strides: 2 }));
    expectClose(conv2d(x, weight, { pads: "valid" }), conv2d(x, weight));
    expect(conv2d(x, weight, { pads: "same", dilations: [3, 1] }).shape).toEqual([1, 1, 5, 6]);
  });

  test("keeps a symbolic batch and wants the rest known", () => {
    const attributes = { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
    const { infer } = linalgPrimitives.conv2d;
    expect(infer([type(["batch", 3, 8, 8]), type([4, 3, 3, 3])], attributes)).toEqual([type(["batch", 4, 4, 4])]);
    expect(() => infer([type([1, 3, "height", 8]), type([4, 3, 3, 3])], attributes)).toThrow(
      "known dimensions after the first axis",
    );
    expect(conv2d(wavy([0, 1, 3, 3]), wavy([2, 1, 2, 2])).shape).toEqual([0, 2, 2, 2]);
    const same = (x: Tensor): Tensor => conv2d(x, wavy([1, 1, 2, 2]), { pads: "same" });
    expect(() => trace(same, spec([1, 1, "height", 4], "float64"))).toThrow('"same" with a known height and width');
  });

  test("refuses what does not fit", () => {
    const x = wavy([1, 4, 3, 3]);
    expect(() => conv2d(x, wavy([2, 3, 2, 2]))).toThrow(ShapeError);
    expect(() => conv2d(x, wavy([3, 2, 2, 2]), { groups: 2 })).toThrow(ArgumentError);
    expect(() => conv2d(x, wavy([3, 4, 2, 2]), { groups: 0 })).toThrow(ArgumentError);
    expect(() => conv2d(x, wavy([2, 4, 4, 2]))).toThrow("height");
    expect(() => conv2d(x, wavy([2, 4, 2, 2]), { strides: 0 })).toThrow(ArgumentError);
    expect(() => conv2d(x, wavy([2, 4, 2, 2]), { pads: [1, 1, -1, 1] })).toThrow(ArgumentError);
    expect(() => conv2d(wavy([4, 3, 3]), wavy([2, 4, 2, 2]))).toThrow(ShapeError);
    expect(() => conv2d(wavy([1, 4, 3, 3], "float32"), wavy([2, 4, 2, 2]))).toThrow(DTypeError);
    expect(() => conv2d(cast(wavy([1, 4, 3, 3]), "int32"), cast(wavy([2, 4, 2, 2]), "int32"))).toThrow(DTypeError);
  });
});

describe("convTranspose2d and conv2dWeightGrad", () => {
  test("stamps kernels, by hand", () => {
    expect(convTranspose2d([[[[1, 2]]]], [[[[1, 10]]]], { strides: [1, 2] }).toArray()).toEqual([[[[1, 10, 2, 20]]]]);
    expect(convTranspose2d([[[[1, 2]]]], [[[[1, 10]]]], { outputPadding: 0, bias: [1] }).toArray()).toEqual([
      [[[2, 13, 21]]],
    ]);
  });

  test("agrees with PyTorch, with both derivatives", () => {
    for (const { x, weight, y, dy, dx, dw, ...options } of golden.transposed) {
      const { value, pullback } = vjp(
        (image: Tensor, kernel: Tensor) => convTranspose2d(image, kernel, options),
        read(x),
        read(weight),
      );
      expectClose(value, y);
      const [imageGradient, weightGradient] = pullback(read(dy));
      expectClose(imageGradient, dx);
      expectClose(weightGradient, dw);
    }
  });

  test("are the adjoints of conv2d for every geometry", () => {
    const small = fc.integer({ min: 1, max: 3 });
    const geometry = fc.record({
      strides: fc.tuple(small, small),
      dilations: fc.tuple(small, small),
      pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      groups: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(
        geometry,
        fc.tuple(small, small),
        fc.tuple(fc.nat(4), fc.nat(4)),
        ({ groups, ...window }, kernel, extra) => {
          const size = ([0, 1] as const).map((axis) => window.dilations[axis] * (kernel[axis] - 1) + 1 + extra[axis]);
          const x = wavy([2, 2 * groups, ...size]);
          const weight = wavy([3 * groups, 2, ...kernel]);
          const attributes = { ...window, groups };
          const y = conv2d(x, weight, attributes);
          const dy = wavy(y.shape);
          const left = ([0, 1] as const).map(
            (axis) =>
              (window.pads[axis] + window.pads[(axis + 2) as 2 | 3] + (extra[axis] as number)) % window.strides[axis],
          ) as [number, number];
          const product = dot(y, dy);
          const tolerance = 1e-10 * (1 + Math.abs(product));
          expect(
            Math.abs(dot(x, convTranspose2d(dy, weight, { ...attributes, outputPadding: left })) - product),
          ).toBeLessThan(tolerance);
          expect(Math.abs(dot(weight, conv2dWeightGrad(x, dy, { ...attributes, kernel })) - product)).toBeLessThan(
            tolerance,
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test("have second derivatives", () => {
    const options = { strides: 2, pads: [1, 0, 0, 1], dilations: [1, 2] } as const;
    expectGradientsTwice((x, w) => conv2d(x as Tensor, w as Tensor, options), [wavy([1, 1, 4, 5]), wavy([2, 1, 2, 2])]);
    const transposed = { strides: [1, 2], dilations: [2, 1], outputPadding: [1, 1] } as const;
    expectGradientsTwice(
      (x, w) => convTranspose2d(x as Tensor, w as Tensor, transposed),
      [wavy([1, 2, 2, 2]), wavy([2, 1, 2, 2])],
    );
  });

  test("infer symbolic batches and refuse what does not fit", () => {
    const attributes = {
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: 1,
      outputPadding: [1, 0],
    } as const;
    expect(linalgPrimitives.convTranspose2d.infer([type(["batch", 3, 2, 2]), type([3, 5, 3, 3])], attributes)).toEqual([
      type(["batch", 5, 6, 5]),
    ]);
    const x = wavy([1, 3, 2, 2]);
    expect(() => convTranspose2d(x, wavy([2, 5, 3, 3]))).toThrow(ShapeError);
    expect(() => convTranspose2d(x, wavy([3, 5, 3, 3]), { groups: 2 })).toThrow(ShapeError);
    expect(() => convTranspose2d(x, wavy([3, 5, 3, 3]), { outputPadding: 1 })).toThrow(ArgumentError);
    expect(() => convTranspose2d(x, wavy([3, 5, 1, 1]), { pads: 2 })).toThrow("pads");
    const conv = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, kernel: [2, 2] } as const;
    expect(linalgPrimitives.conv2dWeightGrad.infer([type(["n", 3, 4, 4]), type(["n", 2, 3, 3])], conv)).toEqual([
      type([2, 3, 2, 2]),
    ]);
    expect(() => conv2dWeightGrad(wavy([1, 3, 4, 4]), wavy([1, 2, 4, 4]), conv)).toThrow("shape [1, 2, 3, 3]");
    expect(() => conv2dWeightGrad(wavy([1, 3, 4, 4]), wavy([1, 2, 3, 3]), { ...conv, groups: 2 })).toThrow(
      ArgumentError,
    );
  });
});

describe("pooling", () => {
  test("maxPool2d agrees with PyTorch, with indices and derivative", () => {
    for (const { x, y, indices, dy, dx, ...options } of golden.maxPool) {
      expectClose(
        maxPool2dWithIndices(read(x), options).indices,
        tensor(Int32Array.from(indices.data), { shape: indices.shape }),
      );
      const { value, pullback } = vjp((image: Tensor) => maxPool2d(image, options), read(x));
      expectClose(value, y);
      expectClose(pullback(read(dy))[0], dx);
    }
  });

  test("avgPool2d agrees with PyTorch, with its derivative", () => {
    for (const { x, y, dy, dx, ...options } of golden.avgPool) {
      const { value, pullback } = vjp((image: Tensor) => avgPool2d(image, options), read(x));
      expectClose(value, y);
      expectClose(pullback(read(dy))[0], dx);
    }
    expectGradientsTwice((x) => avgPool2d(x as Tensor, { kernel: [2, 3], strides: 2, pads: 1 }), [wavy([1, 2, 4, 4])]);
  });

  test("the first of equal cells is taken, NaN wins, -Infinity counts", () => {
    const { values, indices } = maxPool2dWithIndices(
      [
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ],
      { kernel: 2 },
    );
    expect([values.item(), indices.item()]).toEqual([1, 0]);
    expect(maxPool2d([[[[1, Number.NaN, 5, Number.NaN]]]], { kernel: [1, 4] }).item()).toBe(Number.NaN);
    const least = maxPool2dWithIndices([[[[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]]], { kernel: [1, 2] });
    expect([least.values.item(), least.indices.item()]).toEqual([Number.NEGATIVE_INFINITY, 0]);
    expect(maxPool2d(wavy([1, 1, 5, 5]), { kernel: 2, pads: "same" }).shape).toEqual([1, 1, 3, 3]);
    expect(
      avgPool2d(
        [
          [
            [
              [1, 3],
              [5, 7],
            ],
          ],
        ],
        { kernel: 2, strides: 1, pads: [0, 0, 1, 0] },
      ).toArray(),
    ).toEqual([[[[4], [6]]]]);
    expect(maxPool2d(tensor(Int32Array.of(1, 9, 3, 4), { shape: [1, 1, 2, 2] }), { kernel: 2 }).toArray()).toEqual([
      [[[9]]],
    ]);
  });

  test("global pooling", () => {
    const x = wavy([2, 3, 4, 5]);
    expect(globalAvgPool2d(x).shape).toEqual([2, 3]);
    expectClose(globalAvgPool2d(x, { keepDims: true }), avgPool2d(x, { kernel: [4, 5] }));
    expectClose(globalMaxPool2d(x, { keepDims: true }), maxPool2d(x, { kernel: [4, 5] }));
  });

  test("infer symbolic batches and refuse windows in the padding alone", () => {
    const attributes = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
    const shape = ["batch", 3, 4, 4];
    const pooled = ["batch", 3, 2, 2];
    expect(linalgPrimitives.maxPool2d.infer([type(shape)], attributes)).toEqual([type(pooled), type(pooled, "int32")]);
    expect(() => maxPool2d(wavy([1, 1, 4, 4]), { kernel: 2, pads: 2 })).toThrow("window 0 along axis 2");
    expect(() => avgPool2d(wavy([1, 1, 4, 4]), { kernel: 2, strides: 1, pads: [0, 0, 0, 2] })).toThrow("along axis 3");
    expect(() => maxPool2d(wavy([1, 1, 1, 1]), { kernel: 2, dilations: 2, pads: 1 })).toThrow(ArgumentError);
    expect(() => maxPool2d(wavy([1, 1, 2, 2]), { kernel: 3 })).toThrow(ShapeError);
    expect(() => avgPool2d(tensor(Int32Array.of(1), { shape: [1, 1, 1, 1] }), { kernel: 1 })).toThrow(DTypeError);
    expect(() => maxPool2d(tensor([true], { shape: [1, 1, 1, 1] }), { kernel: 1 })).toThrow(DTypeError);
  });
});

describe("resize2d", () => {
  test("agrees with the reference of the ONNX standard in every mode", () => {
    for (const { x, y, size, ...options } of golden.resize) {
      const found = resize2d(read(x), size, options);
      const [a, b] = [found.dataSync() as Float64Array, y.data];
      a.forEach((value, i) => {
        expect(
          Math.abs(value - (b[i] as number)),
          `${JSON.stringify(options)} to ${size}, element ${i}: ${value}, ${b[i]}`,
        ).toBeLessThan(1e-9);
      });
    }
  });

  test("keeps images of equal size, repeats cells, and keeps dtypes for nearest", () => {
    const x = wavy([1, 2, 3, 4]);
    expectClose(resize2d(x, [3, 4]), x);
    expect(
      resize2d(tensor([1, 2], { shape: [1, 1, 1, 2], dtype: "uint8" }), [1, 4], { mode: "nearest" }).toArray(),
    ).toEqual([[[[1, 1, 2, 2]]]]);
  });

  test("is linear: its derivative is the adjoint, to second order", () => {
    expectGradientsTwice((x) => resize2d(x as Tensor, [5, 2]), [wavy([1, 2, 3, 3])]);
    const options = { mode: "nearest", coordinateMode: "asymmetric", nearestMode: "floor" } as const;
    expectGradientsTwice((x) => resize2d(x as Tensor, [2, 5], options), [wavy([1, 1, 3, 3])]);
  });

  test("infers symbolic batches and refuses other sizes", () => {
    const attributes = { mode: "linear", size: [2, 2], coordinateMode: "half_pixel", nearestMode: "floor" } as const;
    expect(linalgPrimitives.resize2d.infer([type(["batch", 3, 4, 4])], attributes)).toEqual([type(["batch", 3, 2, 2])]);
    expect(() => resize2d(wavy([1, 1, 2, 2]), [0, 2])).toThrow(ArgumentError);
    expect(() => resize2d(wavy([1, 1, 0, 2]), [1, 2])).toThrow(ArgumentError);
    expect(() => resize2d(wavy([1, 2, 2]), [1, 2])).toThrow(ShapeError);
    expect(() => resize2d(tensor(Int32Array.of(1), { shape: [1, 1, 1, 1] }), [1, 1])).toThrow(DTypeError);
  });
});
