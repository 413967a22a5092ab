import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import type { ModelProto } from "../../../src/formats/onnx/schema.ts";
import { attributes, externalBytes, externalWeights, fourBits, linear, ownFunction, runningSum } from "./models.ts";

type Feeds = Record<string, Tensor>;

async function outputs(source: string | Uint8Array, feeds: Feeds): Promise<Record<string, unknown>> {
  const session = await (typeof source === "string"
    ? InferenceSession.create(source)
    : InferenceSession.create(source));
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, [dims, [...data]]]));
}

const run = (model: ModelProto, feeds: Feeds): Promise<Record<string, unknown>> => outputs(encodeModel(model), feeds);
const f32 = (dims: number[], values: number[]): Tensor => new Tensor("float32", Float32Array.from(values), dims);

describe("onnxruntime runs what was written", () => {
  test("a matrix product and a sum", async () => {
    const feeds = { x: f32([2, 3], [1, 0, 0, 1, 1, 1]) };
    expect(await run(linear, feeds)).toEqual({
      y: [
        [2, 2],
        [1.5, 1.5, 9.5, 11.5],
      ],
    });
  });

  test("a scan with a body graph", async () => {
    const feeds = { start: f32([2], [10, 0]), xs: f32([3, 2], [1, 2, 3, 4, 5, 6]) };
    expect(await run(runningSum, feeds)).toEqual({
      end: [[2], [19, 12]],
      sums: [
        [3, 2],
        [11, 2, 14, 6, 19, 12],
      ],
    });
  });

  test("4-bit initialisers", async () => {
    expect(await run(fourBits, {})).toEqual({ signed: [[4], [-4, -0.5, 0, 3.5]], unsigned: [[4], [0, 0.5, 7, 7.5]] });
  });

  test("attributes of every kind", async () => {
    const results = await run(attributes, { x: f32([1, 1, 2, 2], [-4, -4, 0, 8]) });
    expect(results).toEqual({
      y: [
        [1, 1, 2, 2],
        [0, 2, 4, 8],
      ],
      c: [[2], [2.5, 0]],
      k: [[2], [-1n, 2n ** 62n]],
    });
  });

  test("a function of the model's own", async () => {
    expect(await run(ownFunction, { x: f32([3], [1, 2, 3]) })).toEqual({ y: [[3], [2, 4, 6]] });
  });

  test("weights in a file beside the model", async () => {
    const folder = mkdtempSync(join(tmpdir(), "parsimony-onnx-"));
    try {
      writeFileSync(join(folder, "model.onnx"), encodeModel(externalWeights));
      writeFileSync(join(folder, "weights.bin"), externalBytes);
      const results = await outputs(join(folder, "model.onnx"), { x: f32([1, 3], [1, 1, 1]) });
      expect(results).toEqual({
        y: [
          [1, 2],
          [9.5, 11.5],
        ],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
