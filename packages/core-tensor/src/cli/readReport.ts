import { statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { readNpy, readNpz } from "../formats/npy/index.ts";
import { decodeModel } from "../formats/onnx/decode.ts";
import { OnnxError } from "../formats/onnx/error.ts";
import { readModel as readOnnxModel } from "../formats/onnx/read.ts";
import type { ModelProto } from "../formats/onnx/schema.ts";
import { openSafetensors } from "../formats/safetensors/index.ts";
import { readTflite } from "../formats/tflite/index.ts";
import { readModel as readTfliteModel } from "../formats/tflite/schema.ts";
import { type ModelListing, listOnnx, listTflite } from "../inspect/listing.ts";
import { type Report, listTensor } from "../inspect/report.ts";
import { summarize } from "../inspect/summarize.ts";
import type { Graph } from "../ops/program.ts";
import { dimSymbols } from "../tensor/dims.ts";
import { UnsupportedError } from "../tensor/errors.ts";
import { type InspectCommand, UsageError } from "./arguments.ts";
import { filesBeside, readWhole } from "./files.ts";

type Reader = (command: InspectCommand) => Report | Promise<Report>;

const readers: Readonly<Record<string, Reader>> = {
  ".onnx": onnx,
  ".tflite": tflite,
  ".safetensors": safetensors,
  ".npy": npy,
  ".npz": npz,
};

/**
 * Reads a file, as its ending says.
 *
 * @throws UsageError for another ending, and for shapes of what has no inputs; FormatError for a damaged file; the
 *   system's errors.
 */
export async function readReport(command: InspectCommand): Promise<Report> {
  const ending = extname(command.file).toLowerCase();
  const reader = Object.hasOwn(readers, ending) ? readers[ending] : undefined;
  if (reader === undefined) {
    throw new UsageError(`expected a file that ends in ${Object.keys(readers).join(", ")}, got ${command.file}`);
  }
  const shaped = Object.keys({ ...command.dims, ...command.shapes }).length > 0;
  if (shaped && ending !== ".onnx" && ending !== ".tflite") {
    throw new UsageError(`--dims and --shape are for models, not for ${ending} files`);
  }
  return reader(command);
}

function onnx(command: InspectCommand): Report {
  const { file, dims, shapes } = command;
  const bytes = readWhole(file);
  const model = decodeModel(bytes);
  expectDims(command, onnxDims(model));
  const options = { dims, shapes, external: filesBeside(dirname(file)) };
  const about = { file, bytes: bytes.length, format: "onnx", metadata: onnxMetadata(model) } as const;
  return modelReport(
    about,
    command,
    () => readOnnxModel(model, options),
    () => listOnnx(model),
  );
}

function tflite(command: InspectCommand): Report {
  const { file, shapes } = command;
  const bytes = readWhole(file);
  const about = { file, bytes: bytes.length, format: "tflite", metadata: {} } as const;
  return modelReport(
    about,
    command,
    () => {
      const graph = readTflite(bytes, { shapes });
      expectDims(command, new Set(graph.inputs.flatMap((name) => graph.types[name]?.shape.flatMap(dimSymbols) ?? [])));
      return graph;
    },
    () => listTflite(readTfliteModel(bytes)),
  );
}

/** A number for a name that the model does not have is a slip. */
function expectDims({ dims, shapes }: InspectCommand, known: ReadonlySet<string>): void {
  const all = [...known, ...Object.values(shapes).flatMap((shape) => shape.flatMap(dimSymbols))];
  const unknown = Object.keys(dims).find((name) => !all.includes(name));
  if (unknown === undefined) return;
  const expected =
    all.length === 0 ? "none, as all dimensions are known" : `names among ${[...new Set(all)].join(", ")}`;
  throw new UsageError(`--dims: expected ${expected}, got ${JSON.stringify(unknown)}`);
}

/** The names of the dimensions of inputs: as the file has them, as the reader spells them, and those inside formulas. */
function onnxDims({ graph }: ModelProto): Set<string> {
  const texts = graph.input.flatMap(({ name, type }) =>
    (type?.tensorType?.shape?.dim ?? []).flatMap(({ dimValue, dimParam = "" }, axis) => {
      if (dimParam !== "") return [dimParam];
      return dimValue === undefined || dimValue < 0 ? [`${name}_${axis}`] : [];
    }),
  );
  return new Set(texts.flatMap((text) => [text, ...(text.match(/[A-Za-z_][A-Za-z0-9_.]*/g) ?? [])]));
}

type About = Pick<Report, "file" | "bytes" | "format" | "metadata">;

/** The program's costs; where it holds something that is not supported, what is in the file. */
function modelReport(about: About, { dims }: InspectCommand, read: () => Graph, list: () => ModelListing): Report {
  try {
    return { kind: "program", ...about, summary: summarize(read(), { dims }) };
  } catch (error) {
    const reasons = reasonsOf(error);
    if (reasons === undefined) throw error;
    return { kind: "unsupported", ...about, model: list(), reasons };
  }
}

/** Why a well-formed model is not read; undefined for a damaged one. */
function reasonsOf(error: unknown): readonly string[] | undefined {
  if (error instanceof UnsupportedError) return error.reasons;
  // A file of another version of the operators can still be listed.
  return error instanceof OnnxError && error.code === "unknown-opset" ? [error.message] : undefined;
}

function onnxMetadata({
  irVersion,
  producerName = "",
  producerVersion = "",
  opsetImport,
  metadataProps = [],
}: ModelProto): Record<string, string> {
  const opsets = opsetImport.map(({ domain = "", version }) => (domain === "" ? `${version}` : `${domain} ${version}`));
  const producer = [producerName, producerVersion].filter((text) => text !== "").join(" ");
  return {
    "IR version": String(irVersion),
    opset: opsets.join(", "),
    ...(producer === "" ? {} : { producer }),
    ...Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])),
  };
}

async function safetensors({ file }: InspectCommand): Promise<Report> {
  const opened = await openSafetensors(file);
  try {
    const tensors = opened.names.map((name) => ({ name, ...opened.info(name) }));
    const { metadata } = opened;
    const bytes = statSync(file).size;
    return { kind: "tensors", file, bytes, format: "safetensors", metadata, tensors };
  } finally {
    await opened.close();
  }
}

function npy({ file }: InspectCommand): Report {
  const bytes = readWhole(file);
  const tensors = [listTensor("array", readNpy(bytes))];
  return { kind: "tensors", file, bytes: bytes.length, format: "npy", metadata: {}, tensors };
}

function npz({ file }: InspectCommand): Report {
  const bytes = readWhole(file);
  const tensors = Object.entries(readNpz(bytes)).map(([name, value]) => listTensor(name, value));
  return { kind: "tensors", file, bytes: bytes.length, format: "npz", metadata: {}, tensors };
}
