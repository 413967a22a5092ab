import { Recording } from "../../graph/recording.ts";
import type { Graph, ValueType } from "../../ops/program.ts";
import { type TensorLike, tensor } from "../../tensor/create.ts";
import type { Dim } from "../../tensor/dims.ts";
import { ArgumentError, UnsupportedError } from "../../tensor/errors.ts";
import { type HostTensor, isHostTensor } from "../../tensor/host.ts";
import { formatShape } from "../../tensor/shape.ts";
import { isTensor } from "../../tensor/tensor.ts";
import { decodeModel, offsetOf } from "./decode.ts";
import { OnnxError } from "./error.ts";
import { quote } from "../quote.ts";
import type { ExternalData } from "./external.ts";
import { functionKey } from "./read/functions.ts";
import { GraphReader, opsetsOf } from "./read/graphReader.ts";
import { DimensionNames, type InputOptions, inputType } from "./read/inputs.ts";
import { Scope } from "./read/scope.ts";
import type { Value } from "./read/value.ts";
import type { GraphProto, ModelProto, ValueInfoProto } from "./schema.ts";

export interface ReadOnnxOptions extends InputOptions {
  /** The bytes of the files beside the model in which it keeps large weights, by location. */
  readonly external?: ExternalData;
  /**
   * Inputs that get a value once and for all: they become constants. For those that decide about shapes, which must be
   * known when a model is read.
   */
  readonly values?: Readonly<Record<string, TensorLike>>;
}

/** Versions of the standard operator set that can be read. */
const oldestOpset = 7;
const newestOpset = 21;

/**
 * The program of an `.onnx` file, opset 7 to 21. Inputs, outputs, weights and the results of nodes keep their names
 * (`Identity`, and `Dropout` at inference, leave no node: their result is the value that they were given). Values inside
 * of a called function are named `call/value`; those inside of loops have names of their own.
 *
 * Shapes are worked out from those of the inputs. Named dimensions stay symbolic, through chains of `Shape`, `Gather`,
 * `Concat`, … up to the `Reshape` that they lead to; dimensions without a name are named after their input and axis.
 * What depends on small constants only is computed at once, functions are inlined, and an `If` whose condition is
 * constant is replaced by its branch.
 *
 * @throws OnnxError, with a code and the byte, for a file that is damaged or breaks the rules of ONNX; UnsupportedError that
 *   lists every node, type and input that cannot be read.
 * @example const graph = readOnnx(await readFile("net.onnx"), { dims: { batch: 1 } })
 */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): Graph {
  if (!(bytes instanceof Uint8Array)) {
    throw new ArgumentError({ op: "readOnnx", argument: "bytes", expected: "a Uint8Array", found: typeof bytes });
  }
  return readModel(decodeModel(bytes), options);
}

/** As `readOnnx`, for a model that was decoded before. */
export function readModel(model: ModelProto, options: ReadOnnxOptions = {}): Graph {
  const { graph } = model;
  const opsets = opsetsOf(model.opsetImport);
  const version = opsets.get("");
  if (version !== undefined && (version < oldestOpset || version > newestOpset)) {
    throw new OnnxError(
      "unknown-opset",
      offsetOf(model),
      `expected opset ${oldestOpset} to ${newestOpset}, got ${version}`,
    );
  }
  const recording = new Recording(graph.name === "" ? "graph" : graph.name, namesIn(graph));
  const functions = new Map(
    (model.functions ?? []).map((own) => [functionKey(own.domain, own.name, own.overload), own]),
  );
  const reader = new GraphReader(recording, functions, options.external, graph.node.length);
  const scope = new Scope();
  defineInputs(graph, scope, recording, reader.reasons, options);
  const values = reader.graph(graph, scope, opsets);
  if (reader.reasons.length > 0)
    throw new UnsupportedError("readOnnx", [...new Set(reader.reasons)], "cannot read this model");
  return recording.finish(
    graph.output.map(({ name }, i) => ({ name, value: reader.tensor(values[i] as Value, name) })),
  );
}

/** Inputs that have an initializer are constants with a default; the rest come from outside. */
function defineInputs(
  graph: GraphProto,
  scope: Scope,
  recording: Recording,
  reasons: string[],
  options: ReadOnnxOptions,
): void {
  const constants = new Set(initializerNames(graph));
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  checkOptions(
    inputs.map(({ name }) => name),
    options,
  );
  checkDistinct(inputs, "inputs");
  checkDistinct(graph.output, "outputs");
  const names = new DimensionNames(options.dims ?? {}, namedDimensions(inputs, options));
  for (const info of inputs) {
    const value = options.values?.[info.name];
    const type = inputType(info, names, options, value);
    if (typeof type === "string") reasons.push(type);
    const define = (own: Value | undefined): void => scope.define(info.name, own, offsetOf(info));
    if (typeof type === "string") define(undefined);
    else define(value === undefined ? recording.input(info.name, type) : fixedValue(info.name, type, value));
  }
}

function checkDistinct(infos: readonly ValueInfoProto[], what: string): void {
  const seen = new Set<string>();
  for (const info of infos) {
    if (seen.has(info.name))
      throw new OnnxError("duplicate-name", offsetOf(info), `two ${what} are named ${quote(info.name)}`);
    seen.add(info.name);
  }
}

/** The names of the dimensions of inputs. */
function namedDimensions(inputs: readonly ValueInfoProto[], { shapes = {} }: ReadOnnxOptions): Set<string> {
  const dims = inputs.flatMap(
    ({ name, type }) => shapes[name] ?? (type?.tensorType?.shape?.dim ?? []).map(({ dimParam = "" }) => dimParam),
  );
  return new Set(dims.filter((dim) => typeof dim === "string"));
}

/** A value for an input, which must have the input's type. */
function fixedValue(name: string, type: ValueType, value: TensorLike): HostTensor {
  const given = isTensor(value) ? value : tensor(value, { dtype: type.dtype });
  const where = { op: "readOnnx", argument: `value of "${name}"` };
  if (!isHostTensor(given))
    throw new ArgumentError({ ...where, expected: "a host tensor (await toHost)", found: "another" });
  const wanted = `${type.dtype} ${formatShape(type.shape)}`;
  const fits =
    given.rank === type.shape.length &&
    type.shape.every((dim, axis) => typeof dim === "string" || dim === given.shape[axis]);
  if (given.dtype !== type.dtype || !fits) {
    throw new ArgumentError({ ...where, expected: wanted, found: `${given.dtype} ${formatShape(given.shape)}` });
  }
  return given;
}

function checkOptions(inputs: readonly string[], { shapes = {}, dims = {}, values = {} }: ReadOnnxOptions): void {
  for (const [argument, record] of Object.entries({ shapes, values })) {
    const unknown = Object.keys(record).find((name) => !inputs.includes(name));
    if (unknown === undefined) continue;
    throw new ArgumentError({ op: "readOnnx", argument, expected: `names among ${inputs.join(", ")}`, found: unknown });
  }
  const sizes: [string, Dim][] = [
    ...Object.entries(dims),
    ...Object.entries(shapes).flatMap(([name, shape]) => shape.map((dim): [string, Dim] => [name, dim])),
  ];
  for (const [name, dim] of sizes) {
    if (typeof dim === "string" || (Number.isSafeInteger(dim) && dim >= 0)) continue;
    throw new ArgumentError({
      op: "readOnnx",
      argument: `dimension of "${name}"`,
      expected: "a whole number >= 0",
      found: String(dim),
    });
  }
}

function initializerNames({ initializer = [], sparseInitializer = [] }: GraphProto): string[] {
  return [...initializer, ...sparseInitializer.map(({ values }) => values)].map(({ name = "" }) => name);
}

/** Every name of the main graph: values that the program adds get none of them. */
function namesIn(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.input.map(({ name }) => name),
    ...initializerNames(graph),
    ...graph.node.flatMap(({ output }) => output),
  ]);
}
