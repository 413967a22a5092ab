import { type Tensor, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { assertAllClose } from "@parsimony/core-tensor/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Image, type Window, conv2d, depthwise, transposeConv } from "../images.ts";
import { evaluate, noise, single } from "../models.ts";

const image = (height: number, width: number, channels: number, seed = 1): Image => ({
  height,
  width,
  channels,
  data: noise(height * width * channels, seed),
});

const asTensor = ({ height, width, channels, data }: Image): Tensor =>
  tensor(Float32Array.from(data), { shape: [1, height, width, channels] });

const options = ({ strides, dilations, same }: Window): Record<string, number> => ({
  padding: same ? 0 : 1,
  strideH: strides[0],
  strideW: strides[1],
  dilationH: dilations[0],
  dilationW: dilations[1],
});

/** Sums of a few dozen products of numbers below 1 in float32. */
const tolerance = { rtol: 1e-5, atol: 1e-5 };

const geometries = fc.record({
  height: fc.integer({ min: 5, max: 9 }),
  width: fc.integer({ min: 5, max: 9 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  same: fc.boolean(),
});

describe("CONV_2D", () => {
  test("by hand: even size, stride 2, SAME: the padding is at the end", async () => {
    const window = { padding: 0, strideH: 1, strideW: 2, dilationH: 1, dilationW: 1 };
    const inputs = [{ shape: [1, 1, 16, 1] }, { shape: [1, 1, 3, 1], data: [1, -2, 1] }, { shape: [1], data: [1] }];
    const x0 = tensor([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0], { shape: [1, 1, 16, 1] });
    const { y0 } = await evaluate(single("CONV_2D", inputs, [{}], window), { x0 });
    expect((y0 as Tensor).shape).toEqual([1, 1, 8, 1]);
    expect([...(y0 as Tensor).dataSync()]).toEqual([1, 1, 6, 1, -4, 1, 1, 5]);
  });

  test("any geometry agrees with loops over the file's layout", async () => {
    await fc.assert(
      fc.asyncProperty(geometries, async ({ height, width, ...window }) => {
        const x = image(height, width, 3);
        const weights = noise(4 * window.kernel[0] * window.kernel[1] * 3, 2);
        const bias = noise(4, 3);
        const inputs = [
          { shape: [1, height, width, 3] },
          { shape: [4, ...window.kernel, 3], data: [...weights] },
          { shape: [4], data: [...bias] },
        ];
        const { y0 } = await evaluate(single("CONV_2D", inputs, [{}], options(window)), { x0: asTensor(x) });
        assertAllClose(y0, asTensor(conv2d(x, weights, 4, 3, bias, window)), tolerance);
      }),
      { numRuns: 40 },
    );
  });

  test("weights for fewer channels split them in groups; the bias may be left out", async () => {
    const window: Window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], same: true };
    const x = image(5, 6, 4);
    const weights = noise(6 * 9 * 2, 2);
    const inputs = [{ shape: [1, 5, 6, 4] }, { shape: [6, 3, 3, 2], data: [...weights] }, undefined];
    const { y0 } = await evaluate(single("CONV_2D", inputs, [{}], options(window)), { x0: asTensor(x) });
    assertAllClose(y0, asTensor(conv2d(x, weights, 6, 2, [], window)), tolerance);
  });

  test("fused RELU6, weights that come as an input", async () => {
    const inputs = [{ shape: [1, 1, 2, 1] }, { shape: [1, 1, 1, 1] }, { shape: [1], data: [1] }];
    const model = single("CONV_2D", inputs, [{}], { padding: 1, strideH: 1, strideW: 1, activation: 3 });
    const x0 = tensor([-4, 4], { shape: [1, 1, 2, 1] });
    const { y0 } = await evaluate(model, { x0, x1: tensor([2], { shape: [1, 1, 1, 1] }) });
    expect([...(y0 as Tensor).dataSync()]).toEqual([0, 6]);
  });

  test("constants are views of the file, in the order of our ops", () => {
    const data = [...noise(2 * 3 * 3 * 4, 5)];
    const inputs = [{ shape: [1, 8, 8, 4] }, { shape: [2, 3, 3, 4], data }];
    const file = single("CONV_2D", inputs, [{}], { padding: 0, strideH: 1, strideW: 1 });
    const { constants, nodes } = readTflite(file);
    expect(constants["c1"]?.shape).toEqual([2, 4, 3, 3]);
    expect(constants["c1"]?.storage.buffer).toBe(file.buffer);
    expect(nodes.map(({ op }) => op)).toEqual(["transpose", "conv2d", "transpose"]);
  });
});

describe("DEPTHWISE_CONV_2D", () => {
  test("any geometry and multiplier agrees with loops over the file's layout", async () => {
    await fc.assert(
      fc.asyncProperty(geometries, fc.integer({ min: 1, max: 3 }), async ({ height, width, ...window }, multiplier) => {
        const x = image(height, width, 2);
        const out = 2 * multiplier;
        const weights = noise(window.kernel[0] * window.kernel[1] * out, 2);
        const bias = noise(out, 3);
        const inputs = [
          { shape: [1, height, width, 2] },
          { shape: [1, ...window.kernel, out], data: [...weights] },
          { shape: [out], data: [...bias] },
        ];
        const model = single("DEPTHWISE_CONV_2D", inputs, [{}], { ...options(window), multiplier });
        const { y0 } = await evaluate(model, { x0: asTensor(x) });
        assertAllClose(y0, asTensor(depthwise(x, weights, multiplier, bias, window)), tolerance);
      }),
      { numRuns: 40 },
    );
  });
});

describe("TRANSPOSE_CONV", () => {
  const model = (
    x: Image,
    weights: Float32Array,
    window: Window,
    size: readonly [number, number],
    bias?: Float32Array,
  ): Uint8Array =>
    single(
      "TRANSPOSE_CONV",
      [
        { shape: [4], type: "int32", data: [1, ...size, 2] },
        { shape: [2, ...window.kernel, x.channels], data: [...weights] },
        { shape: [1, x.height, x.width, x.channels] },
        bias === undefined ? undefined : { shape: [2], data: [...bias] },
      ],
      [{}],
      { padding: window.same ? 0 : 1, strideH: window.strides[0], strideW: window.strides[1] },
    );

  test("SAME, VALID and sizes beyond the stamps agree with loops over the file's layout", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
          strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
          same: fc.boolean(),
        }),
        fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
        fc.boolean(),
        async ({ kernel, strides, same }, more, withBias) => {
          const window: Window = { kernel, strides, dilations: [1, 1], same };
          const x = image(3, 4, 3);
          const size = [3 * strides[0] + more[0], 4 * strides[1] + more[1]] as const;
          const weights = noise(2 * kernel[0] * kernel[1] * 3, 2);
          const bias = withBias ? noise(2, 3) : undefined;
          const { y0 } = await evaluate(model(x, weights, window, size, bias), { x0: asTensor(x) });
          assertAllClose(y0, asTensor(transposeConv(x, weights, 2, bias ?? [], size, window)), tolerance);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("FULLY_CONNECTED", () => {
  const weights = { shape: [2, 3], data: [1, 0, -1, 2, 1, 0] };

  test("by hand, with bias and RELU", async () => {
    const model = single("FULLY_CONNECTED", [{ shape: [1, 3] }, weights, { shape: [2], data: [0.5, -9] }], [{}], {
      activation: 1,
    });
    const { y0 } = await evaluate(model, { x0: tensor([[3, 2, 1]]) });
    expect(y0?.toArray()).toEqual([[2.5, 0]]);
  });

  test("all axes but the last are the batch; keep_num_dims keeps them apart", async () => {
    const x0 = tensor(noise(12, 1), { shape: [2, 2, 3] });
    const flat = await evaluate(single("FULLY_CONNECTED", [{ shape: [2, 2, 3] }, weights, undefined], [{}], {}), {
      x0,
    });
    const kept = await evaluate(
      single("FULLY_CONNECTED", [{ shape: [2, 2, 3] }, weights], [{}], { keepNumDims: true }),
      { x0 },
    );
    expect(flat.y0?.shape).toEqual([4, 2]);
    expect(kept.y0?.shape).toEqual([2, 2, 2]);
    expect(kept.y0?.dataSync()).toEqual(flat.y0?.dataSync());
  });

  test("an image is flattened in the file's order", async () => {
    const { y0 } = await evaluate(
      single("FULLY_CONNECTED", [{ shape: [1, 2, 1, 2] }, { shape: [1, 4], data: [1, 10, 100, 1000] }], [{}], {}),
      { x0: tensor([1, 2, 3, 4], { shape: [1, 2, 1, 2] }) },
    );
    expect(y0?.toArray()).toEqual([[4321]]);
  });
});
