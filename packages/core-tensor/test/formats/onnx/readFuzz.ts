import { readOnnx } from "../../../src/formats/onnx/index.ts";
import { UnsupportedError } from "../../../src/tensor/errors.ts";
import { type FuzzCounts, fuzz } from "../fuzz.ts";
import { readPack } from "./pack.ts";

/** Networks that torch exported, a quantised one, and loops and functions from ONNX's own tests. */
function realFiles(): Record<string, Uint8Array> {
  const pick = (pack: string, names: readonly string[]): [string, Uint8Array][] =>
    readPack(pack).flatMap(({ name, model }) => (names.includes(name) ? [[name, model]] : []));
  return Object.fromEntries([
    ...pick("torch.pack.gz", ["cnn_17", "encoder_13", "lstm_bidirectional_17", "tagger_11", "resize_like_17"]),
    ...pick("quantized.pack.gz", ["qdq_13", "integers_13", "int4_21"]),
    ...pick("opsets.pack.gz", ["function_attributes_nested", "loop_nested", "scan_16_captures"]),
  ]);
}

/** Reads damaged files as programs. What is damaged into another operator or type may be refused as not supported. */
export function fuzzRead(count: number, seed: number): Promise<FuzzCounts> {
  return fuzz({
    name: "readOnnx",
    files: realFiles(),
    read: (bytes) => readOnnx(bytes),
    count,
    seed,
    allows: (error) => error instanceof UnsupportedError,
  });
}
