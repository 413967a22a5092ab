import { bench, describe } from "vitest";
import { readOnnx, writeOnnx } from "../src/formats/onnx/index.ts";
import { spec } from "../src/graph/spec.ts";
import { trace } from "../src/graph/trace.ts";
import { layerNorm, relu, softplus } from "../src/ops/index.ts";
import { tensor } from "../src/tensor/create.ts";
import type { Tensor } from "../src/tensor/tensor.ts";

// Both ways take time in proportion to the number of nodes: the second row of a pair is about ten times the first.
const scale = tensor([1, 2, 3, 4]);
const program = (layers: number) =>
  trace(
    (x: Tensor) => {
      let value = x;
      for (let i = 0; i < layers; i++) value = softplus(relu(layerNorm(value, scale)));
      return value;
    },
    spec(["batch", 4, 4]),
  );

describe.each([100, 1000])("%i layers of 11 nodes", (layers) => {
  const graph = program(layers);
  const file = writeOnnx(graph);
  bench("writeOnnx", () => void writeOnnx(graph));
  bench("readOnnx", () => void readOnnx(file));
});
