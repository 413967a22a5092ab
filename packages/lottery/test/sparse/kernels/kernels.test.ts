import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Kernels, type Mode, elementFloats } from "../../../src/sparse/kernels/kernels.ts";
import { type LayerShape, onePlace, placeLayer, placedBytes } from "../../../src/sparse/kernels/layerRecord.ts";
import { type WeightMatrix, layoutBytes, layoutOf } from "../../../src/sparse/kernels/layout.ts";
import { typescriptKernels } from "../../../src/sparse/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../../src/sparse/kernels/wasmKernels.ts";

const layouts = ["dense", "blocks", "sliced"] as const;
const modes = [0, 1, 2] as const;

/** A product by one layout: x and the result are vectors one after the other, as many as go side by side. */
function product(
  make: (bytes: number) => Kernels | undefined,
  name: (typeof layouts)[number],
  mode: Mode,
  matrix: WeightMatrix,
  x: Float32Array,
  { bias, activation = "none" }: { bias?: Float32Array; activation?: "none" | "relu" } = {},
): Float32Array {
  const lanes = elementFloats[mode];
  const layout = layoutOf(name, matrix);
  const area = 64 + 64 * Math.ceil((4 * lanes * (Math.max(matrix.inputs, matrix.outputs) + 1)) / 64);
  const kernels = make(64 + 4 * area + placedBytes(layout)) as Kernels;
  const [staging, from, to, record] = [64, 64 + area, 64 + 2 * area, 64 + 3 * area] as const;
  const floats = new Float32Array(kernels.memory);
  const shape: LayerShape = { ...(bias === undefined ? {} : { bias }), activation, outputStride: 1, places: onePlace };
  const { layer } = placeLayer(kernels.memory, record, layout, shape);
  floats.set(x.subarray(0, lanes * matrix.inputs), staging / 4);
  if (lanes === 1) floats.copyWithin(from / 4, staging / 4, staging / 4 + matrix.inputs);
  else kernels.interleave(staging, from, matrix.inputs, lanes);
  kernels.run(layer, mode, from, to);
  if (lanes === 1) return floats.slice(to / 4, to / 4 + matrix.outputs);
  kernels.separate(to, staging, matrix.outputs, lanes);
  return floats.slice(staging / 4, staging / 4 + lanes * matrix.outputs);
}

/** The documented order of additions, written once more. */
function expected(
  { outputs, inputs, values }: WeightMatrix,
  x: Float32Array,
  bias?: Float32Array,
  relu = false,
): Float32Array {
  return Float32Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) {
      const weight = values[o * inputs + i] as number;
      if (weight !== 0) sum = Math.fround(sum + Math.fround(weight * (x[i] as number)));
    }
    const biased = Math.fround(sum + (bias?.[o] ?? 0));
    return relu && biased <= 0 ? 0 : biased;
  });
}

const bits = (values: Float32Array): number[] => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];

const weight = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0), weight: 6 },
  { arbitrary: fc.float({ min: -4, max: 4, noNaN: true }), weight: 4 },
  { arbitrary: fc.constantFrom(2 ** -149, -(2 ** -140), 1), weight: 1 },
);
const float = fc.float({ min: -8, max: 8, noNaN: true });
const problem = fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 21 })).chain(([outputs, inputs]) =>
  fc.record({
    outputs: fc.constant(outputs),
    inputs: fc.constant(inputs),
    values: fc
      .array(weight, { minLength: outputs * inputs, maxLength: outputs * inputs })
      .map((w) => Float32Array.from(w)),
    x: fc.array(float, { minLength: 8 * inputs, maxLength: 8 * inputs }).map((v) => Float32Array.from(v)),
    bias: fc.array(float, { minLength: outputs, maxLength: outputs }).map((v) => Float32Array.from(v)),
    relu: fc.boolean(),
  }),
);

describe("products", () => {
  test("X7: every layout, number of vectors and engine gives the bits of the documented order of additions", () => {
    fc.assert(
      fc.property(problem, ({ x, bias, relu, ...matrix }) => {
        const activation = relu ? "relu" : "none";
        for (const mode of modes) {
          const lanes = elementFloats[mode];
          const wanted = Array.from({ length: lanes }, (_, lane) =>
            bits(expected(matrix, x.subarray(lane * matrix.inputs), bias, relu)),
          ).flat();
          for (const name of layouts) {
            for (const make of [wasmKernels, typescriptKernels]) {
              expect(bits(product(make, name, mode, matrix, x, { bias, activation }))).toEqual(wanted);
            }
          }
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("X2: a sum is within n eps sum |w| |x| of the exact one", () => {
    fc.assert(
      fc.property(problem, ({ x, outputs, inputs, values }) => {
        const y = product(wasmKernels, "sliced", 0, { outputs, inputs, values }, x);
        for (let o = 0; o < outputs; o++) {
          let exact = 0;
          let size = 0;
          for (let i = 0; i < inputs; i++) {
            const term = (values[o * inputs + i] as number) * (x[i] as number);
            exact += term;
            size += Math.abs(term);
          }
          // Products of subnormals are rounded by up to half of the smallest number each.
          expect(Math.abs((y[o] as number) - exact)).toBeLessThanOrEqual(inputs * (2 ** -24 * size + 2 ** -150));
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  test("X4: empty rows, empty columns, no survivors at all", () => {
    const x = Float32Array.from({ length: 24 }, (_, i) => i + 1);
    const bias = Float32Array.of(1, -2, 3, 4, 5);
    const none = { outputs: 5, inputs: 3, values: new Float32Array(15) };
    const one = { outputs: 5, inputs: 3, values: Float32Array.from({ length: 15 }, (_, i) => (i === 7 ? 2 : 0)) };
    for (const name of layouts) {
      for (const make of [wasmKernels, typescriptKernels]) {
        expect([...product(make, name, 0, none, x, { bias, activation: "relu" })]).toEqual([1, 0, 3, 4, 5]);
        expect([...product(make, name, 0, one, x, { bias })]).toEqual([1, -2, 7, 4, 5]);
        expect([...product(make, name, 1, one, x)].slice(10, 15)).toEqual([0, 0, 2 * 8, 0, 0]);
      }
    }
  });

  test("NaN and infinities among weights come through; relu keeps NaN", () => {
    const values = Float32Array.of(Number.NaN, 0, Number.POSITIVE_INFINITY, 1);
    for (const name of ["blocks", "sliced"] as const) {
      for (const make of [wasmKernels, typescriptKernels]) {
        const y = product(make, name, 0, { outputs: 2, inputs: 2, values }, Float32Array.of(1, 1), {
          activation: "relu",
        });
        expect([...y]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
      }
    }
  });

  test("indices are 32 bits wide where 16 do not hold four times an input", () => {
    const inputs = 16_500;
    const values = new Float32Array(5 * inputs);
    values[16_499] = 3;
    values[2 * inputs + 16_400] = 2;
    values[4 * inputs] = 1;
    const x = Float32Array.from({ length: 8 * inputs }, (_, i) => (i % inputs) / 4);
    const matrix = { outputs: 5, inputs, values };
    for (const name of layouts) {
      for (const mode of modes) {
        for (const make of [wasmKernels, typescriptKernels]) {
          const y = product(make, name, mode, matrix, x);
          expect([...y.subarray(0, 5)]).toEqual([(3 * 16_499) / 4, 0, 8200, 0, 0]);
        }
      }
    }
    expect(layoutOf("sliced", matrix).index).toBeInstanceOf(Uint32Array);
    expect(layoutOf("sliced", { outputs: 5, inputs: 16_384, values }).index).toBeInstanceOf(Uint16Array);
  });
});

describe("layouts", () => {
  const matrix = { outputs: 5, inputs: 3, values: Float32Array.of(0, 0, 1, 0, 2, 0, 0, 0, 0, 3, 4, 5, 0, 6, 7) };

  test("sliced: outputs by number of inputs, four in a group, filled up with weights 0", () => {
    const layout = layoutOf("sliced", matrix);
    expect([...layout.rows]).toEqual([3, 4, 0, 1, 2, 5, 5, 5]);
    expect([...layout.starts]).toEqual([0, 3, 3]);
    expect([...layout.values]).toEqual([3, 6, 1, 2, 4, 7, 0, 0, 5, 0, 0, 0]);
    expect([...layout.index].map((at) => at / 4)).toEqual([0, 1, 2, 1, 1, 2, 2, 1, 2, 2, 2, 1]);
  });

  test("blocks: inputs that one of four outputs uses", () => {
    const layout = layoutOf("blocks", matrix);
    expect([...layout.rows]).toEqual([0, 1, 2, 3, 4, 5, 5, 5]);
    expect([...layout.starts]).toEqual([0, 3, 5]);
    expect([...layout.index].map((at) => at / 4)).toEqual([0, 1, 2, 1, 2]);
    expect([...layout.values]).toEqual([0, 0, 0, 3, 0, 2, 0, 4, 1, 0, 0, 5, 6, 0, 0, 0, 7, 0, 0, 0]);
  });

  test("X5: bytes are those of the arrays", () => {
    for (const name of layouts) {
      const { starts, rows, values, index } = layoutOf(name, matrix);
      const real = [starts, rows, values, index].reduce((sum, part) => sum + part.byteLength, 0);
      expect(layoutBytes(layoutOf(name, matrix))).toBe(real);
    }
    expect(layoutBytes(layoutOf("sliced", matrix))).toBe(12 + 32 + 48 + 24);
  });
});
