import type { Graph, ValueType } from "../../ops/program.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import { stringEntries, tensorValue } from "./construct.ts";
import { fileDType, onnxType } from "./lower/constants.ts";
import { Emitter, type Program } from "./lower/emitter.ts";
import { lowerInto } from "./lower/lowerGraph.ts";
import type { ModelProto, ValueInfoProto } from "./schema.ts";

export interface WriteOnnxOptions {
  /**
   * Version of the standard operator set, 13 to 21. Default 18, or the first one that has what the program needs
   * (21 for 4-bit and blocked quantisation).
   */
  readonly opset?: number;
  /** Name of the producing tool in the file. Default "parsimony". */
  readonly producer?: string;
  /** Texts that are kept in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A program in ONNX, and what its inputs and outputs are called there, in the program's order. */
export interface LoweredModel {
  readonly model: ModelProto;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const oldestOpset = 13;
const defaultOpset = 18;
const newestOpset = 21;

/** The version of the file format that came with an operator set. */
function irVersion(opset: number): number {
  if (opset >= 21) return 10;
  if (opset >= 19) return 9;
  return opset >= 15 ? 8 : 7;
}

/**
 * Writes a program as an ONNX model.
 *
 * @throws RangeError for an opset outside [13, 21]; UnsupportedError with every reason why the program cannot be written.
 */
export function lowerModel(graph: Graph, { opset, producer = "parsimony", metadata = {} }: WriteOnnxOptions = {}): LoweredModel {
  if (opset !== undefined && (!Number.isInteger(opset) || opset < oldestOpset || opset > newestOpset)) {
    throw new RangeError(`writeOnnx: expected an opset in [${oldestOpset}, ${newestOpset}], got ${opset}`);
  }
  const lowered = lowerAt(graph, opset ?? defaultOpset);
  const { program } = lowered;
  if (opset === undefined && program.requiredOpset > defaultOpset) return lowerModel(graph, { opset: program.requiredOpset, producer, metadata });
  if (program.reasons.size > 0) throw new UnsupportedError("ONNX", [...program.reasons]);
  const { main, outputs, infos } = lowered;
  const model: ModelProto = {
    irVersion: irVersion(program.opset),
    producerName: producer,
    graph: {
      node: main.nodes,
      name: graph.name,
      initializer: main.initializers,
      input: graph.inputs.map((name) => valueInfo(name, graph.types[name] as ValueType)),
      output: infos,
    },
    opsetImport: [{ domain: "", version: program.opset }],
    metadataProps: stringEntries(metadata),
  };
  return { model, inputs: [...graph.inputs], outputs };
}

function valueInfo(name: string, { dtype, shape }: ValueType): ValueInfoProto {
  return tensorValue(name, onnxType(dtype), shape);
}

interface Lowered {
  readonly program: Program;
  readonly main: Emitter;
  readonly outputs: readonly string[];
  readonly infos: readonly ValueInfoProto[];
}

function lowerAt(graph: Graph, opset: number): Lowered {
  const program: Program = {
    opset,
    requiredOpset: opset,
    reasons: new Set(),
    names: new Set(graph.inputs),
    dtypes: new Map(graph.inputs.map((name) => [name, fileDType((graph.types[name] as ValueType).dtype)])),
    dims: new Map(),
    lower: lowerInto,
  };
  const main = new Emitter(program, graph);
  const { outputs, ownNames } = nameValues(graph, main);
  const values = lowerInto(graph, graph.inputs, main, (name) => ownNames.get(name) as string);
  values.forEach((value, i) => {
    if (value !== outputs[i]) main.copy(value, outputs[i] as string);
  });
  const infos = graph.outputs.map(({ value }, i) => valueInfo(outputs[i] as string, graph.types[value] as ValueType));
  return { program, main, outputs, infos };
}

/**
 * Chooses names. Inputs keep theirs; outputs too, but for one that bears the name of an input (`w` becomes `w_output`);
 * a value that is an output for the first time bears the output's name; the others keep their own where it is free.
 */
function nameValues(graph: Graph, main: Emitter): { outputs: string[]; ownNames: Map<string, string> } {
  const isInput = new Set(graph.inputs);
  const outputs = graph.outputs.map(({ name }) => main.fresh(isInput.has(name) ? `${name}_output` : name));
  const ownNames = new Map<string, string>();
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  graph.outputs.forEach(({ value }, i) => {
    if (made.has(value) && !ownNames.has(value)) ownNames.set(value, outputs[i] as string);
  });
  for (const name of [...Object.keys(graph.constants), ...made]) {
    if (!ownNames.has(name)) ownNames.set(name, main.fresh(name));
  }
  return { outputs, ownNames };
}
