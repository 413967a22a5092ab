import { decodeModel } from "../../../src/formats/onnx/decode.ts";
import type { NodeProto } from "../../../src/formats/onnx/schema.ts";

/**
 * Inputs, by operator and place, that decide about shapes or about what is computed. ONNX's own tests hand them in when
 * the model runs; a program of ours has to know them when the model is read.
 */
const deciding: Readonly<Record<string, readonly number[]>> = {
  BlackmanWindow: [0],
  Compress: [1],
  ConstantOfShape: [0],
  CumSum: [1],
  Dropout: [1, 2],
  Expand: [1],
  HammingWindow: [0],
  HannWindow: [0],
  If: [0],
  Loop: [0, 1],
  MaxUnpool: [2],
  OneHot: [1],
  Pad: [1, 2, 3],
  Range: [0, 1, 2],
  ReduceSum: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
  Upsample: [1],
};

/** Names of the model's inputs that have to be known when it is read. */
export function decidingInputs(model: Uint8Array): Set<string> {
  const { graph, opsetImport } = decodeModel(model);
  const version = Number(opsetImport.find(({ domain = "" }) => domain === "")?.version);
  const inputs = new Set(graph.input.map(({ name }) => name));
  const found = new Set<string>();
  const visit = (nodes: readonly NodeProto[]): void => {
    for (const { opType, input, attribute = [] } of nodes) {
      // Where the place was something else before: the reducer of ReduceSum has been an input since 13.
      for (const place of deciding[opType] ?? []) {
        const name = input[place];
        if (name !== undefined && inputs.has(name) && version >= 7) found.add(name);
      }
      for (const { g } of attribute) if (g !== undefined) visit(g.node);
    }
  };
  visit(graph.node);
  return found;
}
