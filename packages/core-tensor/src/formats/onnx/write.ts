import { expectGraph } from "../../graph/expectGraph.ts";
import type { Graph } from "../../ops/program.ts";
import { encodeModel } from "./encode.ts";
import { type WriteOnnxOptions, lowerModel } from "./lowerModel.ts";

/**
 * The bytes of an `.onnx` file that computes a program. Inputs, outputs and intermediate values keep their names; an
 * output named as an input gets `_output` behind its name, because ONNX has one space of names. Symbolic dimensions
 * become named dimensions.
 *
 * @throws ArgumentError for what is no Graph; RangeError for an opset outside [13, 21] or a file beyond 2 GiB; UnsupportedError that lists everything
 *   in the program that ONNX, or the CPU provider of ONNX Runtime, cannot express.
 * @example await writeFile("net.onnx", writeOnnx(trace(predict, spec(["batch", 784]))))
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  expectGraph("writeOnnx", graph);
  return encodeModel(lowerModel(graph, options).model);
}
