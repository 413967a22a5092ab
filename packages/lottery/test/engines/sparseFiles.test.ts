import {
  type HostTensor,
  type Tensor,
  add,
  interpret,
  matmul,
  random,
  relu,
  spec,
  trace,
} from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { type Mask, applyMask, bits } from "../../src/mask/mask.ts";
import { writeSparseOnnx } from "../../src/sparse/index.ts";

const [first, second] = [random.normal(random.key(1), [60, 50]), random.normal(random.key(2), [50, 10])];
const bias = random.normal(random.key(3), [50]);
const graph = trace(
  (x: Tensor) => matmul(relu(add(matmul(x, first), bias)), second),
  spec(["batch", 60], "float32", "x"),
);
const x = random.normal(random.key(4), [5, 60]);

function maskOf(density: number): Mask {
  const prunable = Object.entries(graph.constants).filter(([, { rank }]) => rank === 2);
  return Object.fromEntries(
    prunable.map(([name, { size, shape }]) => {
      return [
        name,
        bits(
          new Uint8Array(size).map((_, i) => ((i * 0.618034) % 1 < density ? 1 : 0)),
          shape,
        ),
      ];
    }),
  );
}

async function run(file: Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  const feeds = { x: new OrtTensor("float32", x.dataSync() as Float32Array, [5, 60]) };
  const results = await session.run(feeds);
  await session.release();
  return Object.values(results)[0]?.data as Float32Array;
}

describe("onnxruntime", () => {
  test.each([0.5, 0.1, 0.01, 0])(
    "computes the same from sparse as from dense initialisers at density %f",
    async (density) => {
      const mask = maskOf(density);
      const sparse = writeSparseOnnx(graph, mask);
      const masked = { ...graph, constants: applyMask(graph.constants, mask) };
      const dense = writeOnnx(masked);
      expect(sparse.length).toBeLessThan(dense.length);
      const found = await run(sparse);
      expect(found).toEqual(await run(dense));
      const wanted = (Object.values(interpret(masked, { x }))[0] as HostTensor).dataSync() as Float32Array;
      for (let i = 0; i < wanted.length; i++) expect(found[i]).toBeCloseTo(wanted[i] as number, 3);
    },
  );
});
