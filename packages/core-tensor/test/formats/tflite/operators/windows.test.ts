import { type Tensor, tensor } from "@parsimony/core-tensor";
import { assertAllClose } from "@parsimony/core-tensor/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Image, type Window, pool, resize } from "../images.ts";
import { evaluate, noise, single } from "../models.ts";

const image = (height: number, width: number, channels: number): Image => ({
  height,
  width,
  channels,
  data: noise(height * width * channels, 1),
});

const asTensor = ({ height, width, channels, data }: Image): Tensor =>
  tensor(Float32Array.from(data), { shape: [1, height, width, channels] });

const size = (values: readonly number[]) => ({ shape: [2], type: "int32", data: values });

describe("pooling", () => {
  test("AVERAGE_POOL_2D by hand: borders do not count", async () => {
    const options = { padding: 0, strideH: 2, strideW: 2, filterH: 2, filterW: 2 };
    const x0 = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], { shape: [1, 3, 3, 1] });
    const { y0 } = await evaluate(single("AVERAGE_POOL_2D", [{ shape: [1, 3, 3, 1] }], [{}], options), { x0 });
    expect([...(y0 as Tensor).dataSync()]).toEqual([3, 4.5, 7.5, 9]);
  });

  test("any geometry agrees with loops over the file's layout", async () => {
    const side = fc.integer({ min: 3, max: 8 });
    const small = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
    await fc.assert(
      fc.asyncProperty(side, side, small, small, fc.boolean(), async (height, width, kernel, strides, same) => {
        const window: Window = { kernel, strides, dilations: [1, 1], same };
        const x = image(height, width, 2);
        const options = {
          padding: same ? 0 : 1,
          strideH: strides[0],
          strideW: strides[1],
          filterH: kernel[0],
          filterW: kernel[1],
        };
        for (const [op, kind] of [
          ["MAX_POOL_2D", "max"],
          ["AVERAGE_POOL_2D", "average"],
        ] as const) {
          const model = single(op, [{ shape: [1, height, width, 2] }], [{}], options);
          const { y0 } = await evaluate(model, { x0: asTensor(x) });
          assertAllClose(y0, asTensor(pool(x, kind, window)), { atol: 1e-6 });
        }
      }),
      { numRuns: 30 },
    );
  });

  test("fused RELU", async () => {
    const options = { padding: 1, strideH: 1, strideW: 1, filterH: 1, filterW: 1, activation: 1 };
    const x0 = tensor([-1, 2], { shape: [1, 1, 2, 1] });
    const { y0 } = await evaluate(single("MAX_POOL_2D", [{ shape: [1, 1, 2, 1] }], [{}], options), { x0 });
    expect([...(y0 as Tensor).dataSync()]).toEqual([0, 2]);
  });
});

describe("resizing", () => {
  const modes = [
    ["none", {}],
    ["alignCorners", { alignCorners: true }],
    ["halfPixelCenters", { halfPixelCenters: true }],
  ] as const;
  const sizes = [
    [6, 10],
    [2, 3],
    [3, 5],
    [7, 4],
    [1, 1],
  ] as const;

  test.each(modes)("RESIZE_BILINEAR, %s", async (mode, options) => {
    const x = image(3, 5, 2);
    for (const to of sizes) {
      const model = single("RESIZE_BILINEAR", [{ shape: [1, 3, 5, 2] }, size(to)], [{}], options);
      // A single cell of aligned corners is where engines differ from each other.
      const { y0 } = await evaluate(model, { x0: asTensor(x) }, { engine: to[0] > 1 });
      assertAllClose(y0, asTensor(resize(x, to, "bilinear", mode)), { atol: 1e-6 });
    }
  });

  test.each(modes)("RESIZE_NEAREST_NEIGHBOR, %s", async (mode, options) => {
    const x = image(3, 5, 2);
    for (const to of sizes) {
      const model = single("RESIZE_NEAREST_NEIGHBOR", [{ shape: [1, 3, 5, 2] }, size(to)], [{}], options);
      const { y0 } = await evaluate(model, { x0: asTensor(x) }, { engine: to[0] > 1 });
      assertAllClose(y0, asTensor(resize(x, to, "nearest", mode)));
    }
  });
});

describe("blocks", () => {
  test("DEPTH_TO_SPACE by hand, with two channels left", async () => {
    const x0 = tensor([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18], { shape: [1, 1, 2, 8] });
    const { y0 } = await evaluate(single("DEPTH_TO_SPACE", [{ shape: [1, 1, 2, 8] }], [{}], { block: 2 }), { x0 });
    expect(y0?.toArray()).toEqual([
      [
        [
          [1, 2],
          [3, 4],
          [11, 12],
          [13, 14],
        ],
        [
          [5, 6],
          [7, 8],
          [15, 16],
          [17, 18],
        ],
      ],
    ]);
  });

  test("SPACE_TO_DEPTH is its inverse", async () => {
    const x0 = tensor(noise(4 * 6 * 3, 1), { shape: [1, 4, 6, 3] });
    const deep = await evaluate(single("SPACE_TO_DEPTH", [{ shape: [1, 4, 6, 3] }], [{}], { block: 2 }), { x0 });
    expect((deep.y0 as Tensor).shape).toEqual([1, 2, 3, 12]);
    const back = single("DEPTH_TO_SPACE", [{ shape: [1, 2, 3, 12] }], [{}], { block: 2 });
    expect((await evaluate(back, { x0: deep.y0 as Tensor })).y0?.toArray()).toEqual(x0.toArray());
  });
});
