import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import { type WriteOnnxWithDataOptions, writeOnnx, writeOnnxWithData } from "../../../src/formats/onnx/index.ts";
import { readTensor } from "../../../src/formats/onnx/tensor.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { largeWeights } from "./largeWeights.ts";

const location = "net.onnx.data";
const entriesOf = (model: Uint8Array): Record<string, Record<string, string>> =>
  Object.fromEntries(
    (decodeModel(model).graph.initializer ?? []).map(({ name, externalData = [] }) => [
      name,
      Object.fromEntries(externalData.map(({ key, value }) => [key, value])),
    ]),
  );

describe("the two files", () => {
  const graph = largeWeights();

  test("large constants stand outside at pages, middle ones at cache lines, small ones stay", () => {
    const { model, data } = writeOnnxWithData(graph, { location });
    expect(entriesOf(model)).toEqual({
      small: {},
      middle: { location, offset: "0", length: "2048" },
      large: { location, offset: "4096", length: String(2 ** 20) },
      last: { location, offset: String(4096 + 2 ** 20), length: "2048" },
    });
    expect(data.length).toBe(4096 + 2 ** 20 + 2048);
    expect(model.length).toBeLessThan(2000);
  });

  test("our reader finds the constants again", () => {
    const { model, data } = writeOnnxWithData(graph, { location });
    for (const proto of decodeModel(model).graph.initializer ?? []) {
      const value = readTensor(proto, { [location]: data });
      const original = graph.constants[proto.name as string] as HostTensor;
      expect(value.shape).toEqual(original.shape);
      expect(value.dataSync().every((element, i) => element === original.dataSync()[i])).toBe(true);
    }
  });

  test("minBytes decides: nothing outside, or everything", () => {
    const none = writeOnnxWithData(graph, { location, minBytes: 2 ** 30 });
    expect([none.data.length, Buffer.compare(none.model, writeOnnx(graph))]).toEqual([0, 0]);
    const all = entriesOf(writeOnnxWithData(graph, { location: "data/all.bin", minBytes: 0 }).model);
    expect(Object.values(all).map((entries) => entries["location"])).toEqual(
      Object.keys(all).map(() => "data/all.bin"),
    );
  });

  test("onnxruntime runs them from a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "parsimony-onnx-"));
    try {
      const { model, data } = writeOnnxWithData(graph, { location });
      writeFileSync(join(folder, "net.onnx"), model);
      writeFileSync(join(folder, location), data);
      const session = await InferenceSession.create(join(folder, "net.onnx"));
      const x = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i));
      const { y } = await session.run({ x: new OrtTensor("float32", x, [1, 512]) });
      await session.release();
      const expected = interpret(graph, { x: [[...x]] })["y"] as HostTensor;
      const found = y?.data as Float32Array;
      // Sums of 512 products in float32.
      expected.dataSync().forEach((value, i) => expect(found[i]).toBeCloseTo(Number(value), 4));
      expect(found.length).toBe(expected.size);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test.each<[string, Partial<WriteOnnxWithDataOptions>]>([
  ["location", { location: "../net.data" }],
  ["location", { location: "" }],
  ["location", { location: undefined as never }],
  ["minBytes", { minBytes: -1 }],
  ["minBytes", { minBytes: 0.5 }],
])("refused: %s %j", (argument, options) => {
  const write = (): unknown => writeOnnxWithData(largeWeights(), { location, ...options });
  expect(write).toThrow(RangeError);
  expect(write).toThrow(`writeOnnxWithData: ${argument}: expected`);
});
