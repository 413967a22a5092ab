/**
 * What results cost on onnxruntime-node, and whether arrays handed in for them are cheaper than new ones.
 *
 *     npx vitest bench --project unit packages/core-tensor/bench/outputs.bench.ts --run
 */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { bench, describe } from "vitest";
import { writeOnnx } from "../src/formats/onnx/index.ts";
import { spec } from "../src/graph/spec.ts";
import { trace } from "../src/graph/trace.ts";
import { add } from "../src/ops/index.ts";
import type { Tensor } from "../src/tensor/tensor.ts";

for (const length of [1 << 10, 1 << 18, 1 << 22]) {
  const session = await InferenceSession.create(writeOnnx(trace((x: Tensor) => add(x, 1), spec([length]))));
  const input = new OrtTensor("float32", new Float32Array(length), [length]);
  const output = new OrtTensor("float32", new Float32Array(length), [length]);
  describe(`${length} float32 values`, () => {
    bench("a new array", async () => {
      await session.run({ input });
    });
    bench("an array handed in", async () => {
      await session.run({ input }, { output });
    });
  });
}
