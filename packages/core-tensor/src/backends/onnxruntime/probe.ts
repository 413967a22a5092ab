import { encodeModel } from "../../formats/onnx/encode.ts";
import { tensorValue } from "../../formats/onnx/construct.ts";
import { dataType } from "../../formats/onnx/schema.ts";

/** The smallest program: one step on four numbers, which every provider has a kernel for. */
export function probeModel(): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 18 }],
    graph: {
      name: "probe",
      node: [{ opType: "Relu", input: ["x"], output: ["y"] }],
      input: [tensorValue("x", dataType.FLOAT, [4])],
      output: [tensorValue("y", dataType.FLOAT, [4])],
    },
  });
}
