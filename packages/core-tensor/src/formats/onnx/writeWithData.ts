import { expectGraph } from "../../graph/expectGraph.ts";
import type { Graph } from "../../ops/program.ts";
import { stringEntries } from "./construct.ts";
import { encodeModel } from "./encode.ts";
import { isSafeLocation } from "./external.ts";
import { type WriteOnnxOptions, lowerModel } from "./lowerModel.ts";
import { type TensorProto, dataLocation } from "./schema.ts";

export interface WriteOnnxWithDataOptions extends WriteOnnxOptions {
  /**
   * What the file with the data will be called: a path relative to the model's folder, with forward slashes and
   * without `..`. For example `"net.onnx.data"`.
   */
  readonly location: string;
  /** Constants of fewer bytes stay in the model. Default 1024. */
  readonly minBytes?: number;
}

/** Bytes of the two files. */
export interface OnnxWithData {
  readonly model: Uint8Array<ArrayBuffer>;
  /** To be stored at `location`, seen from the model's folder. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Constants of this size and more begin at a memory page, so that a reader can map them (ONNX, "External Data"). */
const PAGE_FROM = 2 ** 20;
const PAGE = 4096;
/** All others at a cache line, which is also a multiple of every element. */
const LINE = 64;

/**
 * A program as an `.onnx` file with its large constants in a file of their own, for programs beyond the 2 GiB that one
 * file holds, and for engines that map weights instead of reading them. All else is as in `writeOnnx`.
 *
 * @throws RangeError for a location that is no plain relative path or a `minBytes` that is no whole number from 0 on,
 *   and whatever `writeOnnx` throws.
 * @example
 * const { model, data } = writeOnnxWithData(graph, { location: "net.onnx.data" });
 * await Promise.all([writeFile("net.onnx", model), writeFile("net.onnx.data", data)]);
 */
export function writeOnnxWithData(graph: Graph, options: WriteOnnxWithDataOptions): OnnxWithData {
  expectGraph("writeOnnxWithData", graph);
  const { location, minBytes = 1024, ...rest } = options;
  if (typeof location !== "string" || !isSafeLocation(location)) {
    const expected = "expected a relative path with forward slashes and without ..";
    throw new RangeError(`writeOnnxWithData: location: ${expected}, got ${JSON.stringify(location)}`);
  }
  if (!Number.isSafeInteger(minBytes) || minBytes < 0) {
    throw new RangeError(`writeOnnxWithData: minBytes: expected a whole number from 0 on, got ${minBytes}`);
  }
  const { model } = lowerModel(graph, rest);
  const pieces: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  let end = 0;
  // Bodies of loops keep theirs: what is there is small, and engines differ in whether they look outside for it.
  const initializer = (model.graph.initializer ?? []).map((tensor): TensorProto => {
    const { rawData, ...described } = tensor;
    if (rawData === undefined || rawData.length < minBytes || rawData.length === 0) return tensor;
    const alignment = rawData.length >= PAGE_FROM ? PAGE : LINE;
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + rawData.length;
    pieces.push({ offset, bytes: rawData });
    const place = { location, offset: String(offset), length: String(rawData.length) };
    return { ...described, externalData: stringEntries(place), dataLocation: dataLocation.EXTERNAL };
  });
  const data = new Uint8Array(end);
  for (const { offset, bytes } of pieces) data.set(bytes, offset);
  return { model: encodeModel({ ...model, graph: { ...model.graph, initializer } }), data };
}
