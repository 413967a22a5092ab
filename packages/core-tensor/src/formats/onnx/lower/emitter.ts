import { type DType, dtypes, isFloat } from "../../../tensor/dtype.ts";
import { HostTensor } from "../../../tensor/host.ts";
import { encodeLanes } from "../../../tensor/lanes.ts";
import type { Graph } from "../../../ops/program.ts";
import { attribute } from "../construct.ts";
import { type Origin, originText } from "../origin.ts";
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "../schema.ts";
import { type OnnxOperator, type OperatorName, operators, widerTypes } from "./operators.ts";
import { computedDType, onnxType, storedDType, tensorProto } from "./constants.ts";

/** Attributes of an ONNX node: whole numbers, lists of them, texts, constants and subgraphs. */
export type NodeAttributes = Readonly<Record<string, number | string | readonly number[] | TensorProto | GraphProto>>;

/** For whom a program is written. */
export interface Target {
  /**
   * What inputs and outputs of a few dtypes are: `"stored"` writes them as they are; `"carried"` as wider types, which
   * JavaScript can hand to an engine (bfloat16 as float32, the packed ones as bytes).
   */
  readonly border: "stored" | "carried";
  /** Whether `MaxPool` may give indices; the webgpu provider of ONNX Runtime cannot. */
  readonly poolIndices: boolean;
}

/** A node on its way into a file; the last one of a group may know for which op the group was written. */
interface EmittedNode extends NodeProto {
  readonly origin?: Origin;
}

/** What all scopes of one file share. */
export interface Program {
  /** The version of the standard operator set that is written. */
  readonly opset: number;
  readonly target: Target;
  /** The lowest version that the program turned out to need. */
  requiredOpset: number;
  /** Why the program cannot be written, one sentence each. */
  readonly reasons: Set<string>;
  readonly names: Set<string>;
  /** How far the numbers behind each stem of a name have come. */
  readonly counts: Map<string, number>;
  /** Element types of all values that nodes and initializers make. */
  readonly dtypes: Map<string, DType>;
  /** Names of computed dimensions, by expression. */
  readonly dims: Map<string, string>;
  /** Writes the nodes of a graph into a scope: the lowering table at work. */
  readonly lower: (
    graph: Graph,
    inputs: readonly string[],
    emitter: Emitter,
    naming: (name: string) => string,
  ) => string[];
}

/**
 * Adds nodes and constants to one ONNX graph, the main one or the body of a loop. Values are names; each has a known
 * element type. An operator that has no kernel for it is run in a wider one (`widerTypes`).
 */
export class Emitter {
  readonly nodes: EmittedNode[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #constants = new Map<string, string>();
  /** The emitter of the main graph, whose values every loop body sees. */
  readonly main: Emitter;

  constructor(
    readonly program: Program,
    /** The graph being lowered in the main scope: where symbolic dimensions are found. */
    readonly graph: Graph,
    main?: Emitter,
  ) {
    this.main = main ?? this;
  }

  /** An emitter for the body of a loop. */
  nested(): Emitter {
    return new Emitter(this.program, this.graph, this.main);
  }

  get opset(): number {
    return this.program.opset;
  }

  dtype(name: string): DType {
    return this.program.dtypes.get(name) as DType;
  }

  /** Names for the values of an inner program: their own behind a prefix, as no two values of a file share one. */
  naming(prefix: string): (name: string) => string {
    return (name) => this.fresh(`${prefix}${name}`);
  }

  /** A name that nothing has yet. */
  fresh(stem: string): string {
    const { names, counts } = this.program;
    let name = stem;
    let count = counts.get(stem) ?? 0;
    while (names.has(name)) name = `${stem}_${count++}`;
    // Names are never given back: the next search for this stem goes on where this one ended.
    counts.set(stem, count);
    names.add(name);
    return name;
  }

  /** Makes a name known with its element type. */
  define(name: string, dtype: DType): string {
    this.program.names.add(name);
    this.program.dtypes.set(name, dtype);
    return name;
  }

  /** Notes a reason why the program cannot be written. Lowering goes on, so that all reasons are found at once. */
  refuse(reason: string): void {
    this.program.reasons.add(reason);
  }

  /** Notes that `what` needs a version of the operator set. */
  require(opset: number, what: string): void {
    if (opset <= this.opset) return;
    this.program.requiredOpset = Math.max(this.program.requiredOpset, opset);
    this.refuse(`${what} needs opset ${opset}, but ${this.opset} was asked for`);
  }

  /** One node, as it is. Gives the names of its outputs. */
  node(opType: string, inputs: readonly string[], attributes: NodeAttributes, results: readonly DType[]): string[] {
    const output = results.map((dtype) => this.define(this.fresh(opType), dtype));
    const attributeList = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.nodes.push({
      opType,
      input: [...inputs],
      output,
      ...(attributeList.length === 0 ? {} : { attribute: attributeList }),
    });
    return output;
  }

  /** An operator on values, in a wider type where it has no kernel for theirs. */
  emitAll(name: OperatorName, inputs: readonly string[], attributes: NodeAttributes = {}, count = 1): string[] {
    const operator: OnnxOperator = operators[name];
    const over = operator.over === "all" ? inputs.map((_, i) => i) : operator.over;
    const own = this.dtype(inputs[over[0] as number] as string);
    const used = this.#computingType(name, operator, own);
    const cast = inputs.map((input, i) => (input !== "" && over.includes(i) ? this.cast(input, used) : input));
    const results = operator.results.slice(0, count);
    const outputs = this.node(
      name,
      cast,
      attributes,
      results.map((type) => (type === "T" ? used : type)),
    );
    return outputs.map((output, i) => (results[i] === "T" ? this.cast(output, own) : output));
  }

  emit(name: OperatorName, inputs: readonly string[], attributes: NodeAttributes = {}): string {
    return this.emitAll(name, inputs, attributes)[0] as string;
  }

  #computingType(name: OperatorName, { types, bytesSince = 0 }: OnnxOperator, own: DType): DType {
    const has = (type: DType): boolean =>
      types.includes(type) && (dtypes[type].bits > 8 || type === "bool" || this.opset >= bytesSince);
    if (has(own)) return own;
    const wider = widerTypes[own].find(has);
    if (wider === undefined)
      this.refuse(`the operator ${name} has no kernel for ${own}, nor for a type that holds its values`);
    return wider ?? own;
  }

  /** ONNX `Cast`: the plain conversion, to a byte for the packed dtypes. Nothing when the type is already that. */
  cast(x: string, dtype: DType): string {
    const target = computedDType(dtype);
    if (this.dtype(x) === target) return x;
    return this.node("Cast", [x], { to: onnxType(target) }, [target])[0] as string;
  }

  /** A constant of this graph; small ones of equal type and value are kept once. */
  constant(value: HostTensor, stem = "constant"): string {
    const proto = tensorProto(value);
    const raw = proto.rawData as Uint8Array;
    const key = raw.length <= 64 ? `${proto.dataType}|${proto.dims.join()}|${raw.join()}` : undefined;
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.fresh(stem), value);
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  /** A constant of the program under its own name. */
  initializer(name: string, value: HostTensor): string {
    if (dtypes[storedDType(value.dtype)].packed) this.require(21, `a constant of ${value.dtype}`);
    this.initializers.push({ ...tensorProto(value), name });
    return this.define(name, storedDType(value.dtype));
  }

  /** The value under another name. */
  copy(value: string, name: string): void {
    const dtype = computedDType(this.dtype(value));
    if (dtype !== this.dtype(value)) this.castTo(value, name, dtype);
    else this.nodes.push({ opType: "Identity", input: [value], output: [name] });
    this.define(name, dtype);
  }

  /** A `Cast` whose result has this name. */
  castTo(value: string, name: string, dtype: DType): void {
    this.define(name, dtype);
    this.nodes.push({
      opType: "Cast",
      input: [value],
      output: [name],
      attribute: [attribute.int("to", onnxType(dtype))],
    });
  }

  /** Renames values in the nodes from `from` on. */
  rename(from: number, names: ReadonlyMap<string, string>): void {
    if (names.size === 0) return;
    const name = (value: string): string => names.get(value) ?? value;
    for (let i = from; i < this.nodes.length; i++) {
      const node = this.nodes[i] as EmittedNode;
      const { origin } = node;
      this.nodes[i] = {
        ...node,
        input: node.input.map(name),
        output: node.output.map(name),
        ...(origin === undefined ? {} : { origin: { ...origin, inputs: origin.inputs.map(name) } }),
      };
    }
  }

  /** Notes for which op the nodes from `from` on were written. */
  markOrigin(from: number, origin: Omit<Origin, "nodes">): void {
    const last = this.nodes.length - 1;
    this.nodes[last] = { ...(this.nodes[last] as EmittedNode), origin: { ...origin, nodes: this.nodes.length - from } };
  }

  /** The nodes as they stand in the file. */
  protos(): NodeProto[] {
    return this.nodes.map(({ origin, ...node }) =>
      origin === undefined ? node : { ...node, docString: originText(origin) },
    );
  }

  /** A scalar constant. */
  scalar(dtype: DType, value: number): string {
    return this.constant(new HostTensor(dtype, [], encodeLanes(dtype, [value])), "scalar");
  }

  /** A constant vector of int64. */
  ints(values: readonly (number | bigint)[]): string {
    return this.constant(new HostTensor("int64", [values.length], BigInt64Array.from(values, BigInt)), "ints");
  }

  /** A constant of this dtype from numbers. */
  numbers(dtype: DType, shape: readonly number[], values: ArrayLike<number>): string {
    return this.constant(new HostTensor(dtype, shape, encodeLanes(dtype, values)));
  }
}

function attributeProto(name: string, value: NodeAttributes[string]): AttributeProto {
  if (typeof value === "number") return attribute.int(name, value);
  if (typeof value === "string") return attribute.string(name, value);
  if (Array.isArray(value)) return attribute.ints(name, value as readonly number[]);
  return "node" in (value as object)
    ? attribute.graph(name, value as GraphProto)
    : attribute.tensor(name, value as TensorProto);
}

/** The value as a float dtype computes it best: narrow floats in float32, with one rounding at the end. */
export function inSingle(emitter: Emitter, x: string, compute: (x: string) => string): string {
  const own = emitter.dtype(x);
  const narrow = isFloat(own) && dtypes[own].bits < 32;
  return emitter.cast(compute(narrow ? emitter.cast(x, "float32") : x), own);
}

/** The value computed in float64 and rounded back. */
export function inDouble(emitter: Emitter, x: string, compute: (x: string) => string): string {
  return emitter.cast(compute(emitter.cast(x, "float64")), emitter.dtype(x));
}
