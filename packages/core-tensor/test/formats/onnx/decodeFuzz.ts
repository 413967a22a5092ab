import { readFileSync } from "node:fs";
import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { writeOnnx } from "../../../src/formats/onnx/index.ts";
import type { GraphProto, NodeProto, TensorProto } from "../../../src/formats/onnx/schema.ts";
import { readTensor } from "../../../src/formats/onnx/tensor.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import type { FuzzCounts } from "../fuzz.ts";
import { fuzz } from "../fuzz.ts";
import { largeWeights } from "./largeWeights.ts";
import { externalBytes, models } from "./models.ts";
import { readPack } from "./pack.ts";

/** Every constant of a graph, also those inside attributes and inner graphs. */
function constantsOf({ initializer = [], node }: Pick<GraphProto, "initializer" | "node">): TensorProto[] {
  const ofNode = ({ attribute = [] }: NodeProto): TensorProto[] =>
    attribute.flatMap(({ t, g, tensors = [], graphs = [] }) => [
      ...(t === undefined ? [] : [t]),
      ...tensors,
      ...[...(g === undefined ? [] : [g]), ...graphs].flatMap(constantsOf),
    ]);
  return [...initializer, ...node.flatMap(ofNode)];
}

/** Our test models, a file with every field, one of a megabyte, and some models of ONNX's own tests. */
function realFiles(): Record<string, Uint8Array> {
  const everyField = readFileSync(new URL("fixtures/every_field.json", import.meta.url), "utf8");
  const theirs = readPack("nodes.pack.gz").filter((_, i) => i % 100 === 0);
  return {
    ...Object.fromEntries(Object.entries(models).map(([name, model]) => [name, encodeModel(model)])),
    "every field": Buffer.from((JSON.parse(everyField) as { base64: string }).base64, "base64"),
    "large weights": writeOnnx(largeWeights()),
    ...Object.fromEntries(theirs.map(({ name, model }) => [name, model])),
  };
}

/** Damages real files: the message alone, and the message with all its constants. */
export async function fuzzDecode(count: number, seed: number): Promise<FuzzCounts[]> {
  const files = realFiles();
  const { "every field": _nonsense, ...sensible } = files;
  return [
    await fuzz({ name: "decodeModel", files, read: decodeModel, count, seed }),
    await fuzz({
      name: "readTensor",
      files: sensible,
      read: (bytes) => {
        const { graph, functions = [] } = decodeModel(bytes);
        const external = { "weights.bin": externalBytes };
        return [graph, ...functions].flatMap(constantsOf).map((proto) => readTensor(proto, external));
      },
      count,
      seed,
      // A damaged element type may be one that ONNX has and Tensor has not.
      allows: (error) => error instanceof UnsupportedError,
    }),
  ];
}
