import { cast } from "../../../ops/index.ts";
import { HostTensor } from "../../../tensor/host.ts";
import { moves } from "../known.ts";
import type { OperatorReader, OperatorRows } from "../node.ts";

/** The result is quantised as the file says of it, also where x is quantised in another way. */
const quantize: OperatorReader = (node) => [node.held(0, "real")];

/**
 * Whole numbers to floats stay a step of the program. Constants of float16 become constants of float32 at once, as in
 * TFLite's runtime: every engine computes with those, and the file's way to write them down says nothing about it.
 */
const dequantize: OperatorReader = (node) => {
  const value = node.value(0);
  const { dtype, constant } = value;
  if (dtype !== "float16") return [node.held(0, "real")];
  if (constant === undefined) {
    const { tensor, axes } = node.held(0, "stored");
    return [{ tensor: cast(tensor, "float32"), axes }];
  }
  node.program.reserve(4 * constant.size, node.info.offset);
  const numbers = new HostTensor("float32", constant.shape, constant.dataSync() as Float32Array);
  return [{ tensor: numbers, axes: value.held.axes }];
};

/** Constants are made dense when they are read. */
const densify: OperatorReader = (node) => [node.value(0).held];

const castReader: OperatorReader = (node) => {
  const { tensor, axes } = node.held(0, "stored");
  return [{ tensor: cast(tensor, node.output().dtype), axes }];
};

/** Operators that change how numbers are written down. */
export const conversion: OperatorRows = {
  QUANTIZE: quantize,
  DEQUANTIZE: dequantize,
  DENSIFY: densify,
  CAST: moves(castReader),
};
