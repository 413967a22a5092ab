import type { FeatureMap, Port } from "../../network/network.ts";
import type { GraphWriter } from "./writer.ts";

/** uint8 ports hold int8 codes 128 lower: the way between them is float ops that are exact. */
const shift = { axis: null, blockSize: 0 } as const;

/** The value [1, channels, height, width] of an input's map. */
export function writeInput(port: Port, map: FeatureMap, writer: GraphWriter): string {
  const given = writer.builder.input(port.name, { dtype: port.dtype, shape: port.shape });
  const codes = port.dtype === "uint8" ? fromUnsigned(given, map, writer) : given;
  if (port.layout === "nchw") return codes;
  const { height, width, channels } = map;
  const image = writer.op("reshape", [codes], { shape: [1, height, width, channels] });
  return writer.op("transpose", [image], { permutation: [0, 3, 1, 2] });
}

/** An output in the program's shape. */
export function writeOutput(port: Port, value: string, map: FeatureMap, writer: GraphWriter): void {
  const arranged =
    port.layout === "nchw"
      ? value
      : writer.op("reshape", [writer.op("transpose", [value], { permutation: [0, 2, 3, 1] })], { shape: port.shape });
  writer.builder.output(port.name, port.dtype === "uint8" ? toUnsigned(arranged, map, writer) : arranged);
}

function fromUnsigned(value: string, map: FeatureMap, writer: GraphWriter): string {
  const { scale = 1, zeroPoint = 0 } = map;
  const real = writer.op("dequantize", [value, ...writer.unsigned(scale, zeroPoint)], { ...shift, dtype: "float32" });
  return writer.quantize(real, { scale, zeroPoint });
}

function toUnsigned(value: string, map: FeatureMap, writer: GraphWriter): string {
  const { scale = 1, zeroPoint = 0 } = map;
  const real = writer.dequantize(value, { scale, zeroPoint });
  return writer.op("quantize", [real, ...writer.unsigned(scale, zeroPoint)], { ...shift, dtype: "uint8" });
}

/** A map seen with other dimensions: the same bytes, channels last. */
export function writeView(value: string, { height, width, channels }: FeatureMap, writer: GraphWriter): string {
  const last = writer.op("transpose", [value], { permutation: [0, 2, 3, 1] });
  const seen = writer.op("reshape", [last], { shape: [1, height, width, channels] });
  return writer.op("transpose", [seen], { permutation: [0, 3, 1, 2] });
}
