import type { HostTensor } from "@parsimony/core-tensor";
import type { DenseParams, NormParams } from "@parsimony/core-tensor/nn";
import { OnnxGraph } from "../engines/onnxGraph.ts";
import type { TransformerLayer } from "../models/transformer.ts";

/** The transformer's forward pass with the largest operators that ONNX has: `LayerNormalization` and `Gelu`. */
export function transformerForward(
  layers: readonly TransformerLayer[],
  shape: readonly [number, number, number],
  heads: number,
): Uint8Array {
  const g = new OnnxGraph();
  const [batch, length, width] = shape;
  const weight = (value: unknown): string => g.weight(value as HostTensor);
  const dense = (x: string, params: DenseParams): string =>
    g.op("Add", [g.op("MatMul", [x, weight(params.weight)]), weight(params.bias)]);
  const norm = (x: string, { scale, bias }: NormParams): string =>
    g.op("LayerNormalization", [x, weight(scale), weight(bias)], { axis: -1, epsilon: { float: 1e-5 } });
  const toHeads = (x: string, perm: readonly number[]): string =>
    g.op("Transpose", [g.op("Reshape", [x, g.ints(batch, length, heads, width / heads)])], { perm });

  let x = g.input("x", "float32", shape);
  for (const { norm1, attention, norm2, expand, contract } of layers) {
    const h = norm(x, norm1);
    const q = toHeads(dense(h, attention.query), [0, 2, 1, 3]);
    const k = toHeads(dense(h, attention.key), [0, 2, 3, 1]);
    const v = toHeads(dense(h, attention.value), [0, 2, 1, 3]);
    const scores = g.op("Mul", [g.op("MatMul", [q, k]), g.scalar(1 / Math.sqrt(width / heads))]);
    const mixed = g.op("MatMul", [g.op("Softmax", [scores], { axis: -1 }), v]);
    const joined = g.op("Reshape", [g.op("Transpose", [mixed], { perm: [0, 2, 1, 3] }), g.ints(batch, length, width)]);
    const attended = g.op("Add", [x, dense(joined, attention.output)]);
    x = g.op("Add", [attended, dense(g.op("Gelu", [dense(norm(attended, norm2), expand)]), contract)]);
  }
  g.output(x, "float32", shape, "output");
  return g.bytes("transformer");
}
