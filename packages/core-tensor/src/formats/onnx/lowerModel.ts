import type { Graph, ValueType } from "../../ops/program.ts";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import { stringEntries, tensorValue } from "./construct.ts";
import { computedDType, onnxType, storedDType } from "./lower/constants.ts";
import { Emitter, type Program, type Target } from "./lower/emitter.ts";
import { lowerInto } from "./lower/lowerGraph.ts";
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from "./schema.ts";
import { splitSparse } from "./sparse.ts";
import { countUses } from "./uses.ts";

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
  /**
   * Whether constants of 1 KiB and more with many zeros are written as sparse initialisers, where that is shorter: for
   * pruned weights. The file is smaller, but engines expand it when they load it. Default false.
   */
  readonly sparse?: boolean;
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

/** A file for anyone. */
export const forFiles: Target = { border: "stored", poolIndices: true };

/**
 * Element types that the JavaScript interface of ONNX Runtime does not pass. float16 it keeps in a Float16Array where the
 * platform has one (Node 24), which its native part (1.30) then takes for an empty array.
 */
const carriedAsSingle: ReadonlySet<DType> = new Set<DType>(
  "Float16Array" in globalThis ? ["bfloat16", "float16"] : ["bfloat16"],
);

/** The dtype in which a value crosses a carried border. */
export function carrierDType(dtype: DType): DType {
  return carriedAsSingle.has(dtype) ? "float32" : computedDType(dtype);
}

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
export function lowerModel(graph: Graph, options: WriteOnnxOptions = {}, target: Target = forFiles): LoweredModel {
  const { opset, producer = "parsimony", metadata = {}, sparse = false } = options;
  if (opset !== undefined && (!Number.isInteger(opset) || opset < oldestOpset || opset > newestOpset)) {
    throw new RangeError(`writeOnnx: expected an opset in [${oldestOpset}, ${newestOpset}], got ${opset}`);
  }
  const lowered = lowerAt(graph, opset ?? defaultOpset, target);
  const { program } = lowered;
  if (opset === undefined && program.requiredOpset > defaultOpset) {
    return lowerModel(graph, { ...options, opset: program.requiredOpset }, target);
  }
  if (program.reasons.size > 0) throw new UnsupportedError("ONNX", [...program.reasons]);
  const { main, inputs, outputs } = lowered;
  const nodes = main.protos();
  const constants = usedInitializers(main, nodes, outputs);
  const { initializer, sparseInitializer } = sparse ? splitSparse(constants) : { initializer: constants };
  const model: ModelProto = {
    irVersion: irVersion(program.opset),
    producerName: producer,
    graph: {
      node: nodes,
      name: graph.name,
      initializer,
      ...(sparseInitializer && { sparseInitializer }),
      input: inputs,
      output: outputs,
    },
    opsetImport: [{ domain: "", version: program.opset }],
    metadataProps: stringEntries(metadata),
  };
  const names = (infos: readonly ValueInfoProto[]): string[] => infos.map(({ name }) => name);
  return { model, inputs: names(inputs), outputs: names(outputs) };
}

/** Constants that the lowering of their readers did without, such as a zero point of 0, are left out. */
function usedInitializers(
  main: Emitter,
  nodes: readonly NodeProto[],
  outputs: readonly ValueInfoProto[],
): TensorProto[] {
  const uses = countUses(nodes);
  const isOutput = new Set(outputs.map(({ name }) => name));
  return main.initializers.filter(({ name = "" }) => uses.has(name) || isOutput.has(name));
}

/** An empty file with these inputs. */
export function newProgram(
  inputs: readonly string[],
  inputDTypes: readonly DType[],
  opset: number,
  target: Target,
): Program {
  return {
    opset,
    target,
    requiredOpset: opset,
    reasons: new Set(),
    names: new Set(inputs),
    counts: new Map(),
    dtypes: new Map(inputs.map((name, i) => [name, inputDTypes[i] as DType])),
    dims: new Map(),
    lower: lowerInto,
  };
}

interface Lowered {
  readonly program: Program;
  readonly main: Emitter;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

function lowerAt(graph: Graph, opset: number, target: Target): Lowered {
  const { border } = target;
  const borderDType = border === "stored" ? storedDType : carrierDType;
  const typesOf = (names: readonly string[]): ValueType[] => names.map((name) => graph.types[name] as ValueType);
  const inputTypes = typesOf(graph.inputs);
  const program = newProgram(
    graph.inputs,
    inputTypes.map(({ dtype }) => borderDType(dtype)),
    opset,
    target,
  );
  const main = new Emitter(program, graph);
  const outputTypes = typesOf(graph.outputs.map(({ value }) => value));
  if (border === "stored" && [...inputTypes, ...outputTypes].some(({ dtype }) => dtypes[storedDType(dtype)].packed)) {
    main.require(21, "an input or output of 4 bits");
  }
  const { outputs, ownNames } = nameValues(graph, main);
  const inner = graph.inputs.map((name, i) => {
    const { dtype } = inputTypes[i] as ValueType;
    return carriedAsSingle.has(dtype) ? main.cast(name, dtype) : name;
  });
  const values = lowerInto(graph, inner, main, (name) => ownNames.get(name) ?? main.fresh(name));
  values.forEach((value, i) => {
    const dtype = borderDType((outputTypes[i] as ValueType).dtype);
    if (main.dtype(value) !== dtype) main.castTo(value, outputs[i] as string, dtype);
    else if (value !== outputs[i]) main.copy(value, outputs[i] as string);
  });
  const infos = (names: readonly string[], types: readonly ValueType[]): ValueInfoProto[] =>
    names.map((name, i) => {
      const { dtype, shape } = types[i] as ValueType;
      return tensorValue(name, onnxType(borderDType(dtype)), shape);
    });
  return { program, main, inputs: infos(graph.inputs, inputTypes), outputs: infos(outputs, outputTypes) };
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
    // bfloat16 and 4-bit values are converted at the border, so that inside they need a name of their own.
    const { dtype } = graph.types[value] as ValueType;
    const carried = main.program.target.border === "carried" && carriedAsSingle.has(dtype);
    const converted = dtype === "bfloat16" || carried || dtypes[dtype].packed;
    if (made.has(value) && !converted && !ownNames.has(value)) ownNames.set(value, outputs[i] as string);
  });
  for (const name of [...Object.keys(graph.constants), ...made]) {
    if (!ownNames.has(name)) ownNames.set(name, main.fresh(name));
  }
  return { outputs, ownNames };
}
