import type { Recording } from "../../../graph/recording.ts";
import { applyOne } from "../../../ops/applyOne.ts";
import { concat, reshape, sub } from "../../../ops/index.ts";
import { dimValuePrimitive } from "../../../ops/movement/iota.ts";
import { isTraced } from "../../../ops/traced.ts";
import type { Dim } from "../../../tensor/dims.ts";
import { dtypes } from "../../../tensor/dtype.ts";
import { CoreTensorError, FormatError, OpError } from "../../../tensor/errors.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { fromLanes } from "../../../tensor/lanes.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { offsetOf } from "../decode.ts";
import { OnnxError } from "../error.ts";
import type { ExternalData } from "../external.ts";
import type {
  FunctionProto,
  GraphProto,
  NodeProto,
  OperatorSetIdProto,
  SparseTensorProto,
  TensorProto,
} from "../schema.ts";
import { Expansion, readSparseTensor } from "../sparse.ts";
import { dtypeOf, elementTypeName, readTensor } from "../tensor.ts";
import { toNumber } from "./attributes.ts";
import { NodeContext, type OperatorReader, type Surroundings } from "./context.ts";
import { evaluateDims, signedParts } from "./dims.ts";
import { foldNode } from "./fold.ts";
import { functionKey, instantiate } from "./functions.ts";
import { readerOf } from "./operators/index.ts";
import { type Group, findGroups, restoreGroup } from "./restore.ts";
import { Scope } from "./scope.ts";
import { InvalidNode, UnsupportedNode, invalid, unsupported } from "./unsupported.ts";
import { type Value, isConstant, isKnown, isKnownDims, typeOfValue } from "./value.ts";

/**
 * A node may be read several times: functions are called from functions, and the bodies of loops read again. This many
 * nodes are read at most beside eight times those of the model's graph.
 */
const extraNodes = 100_000;
/** Functions in functions, and graphs in graphs, at most. */
const depthLimit = 64;

/** Versions of operator sets by domain. */
export type Opsets = ReadonlyMap<string, number>;

export function opsetsOf(imports: readonly OperatorSetIdProto[]): Map<string, number> {
  return new Map(imports.map(({ domain = "", version }) => [normalDomain(domain), toNumber(version)]));
}

/** The standard domain has two names. */
function normalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** Reads the nodes of a model into a recording. What cannot be read is collected in `reasons`. */
export class GraphReader {
  readonly reasons: string[] = [];
  #nodes = 0;
  #depth = 0;
  readonly #expansion = new Expansion();

  constructor(
    readonly recording: Recording,
    readonly functions: ReadonlyMap<string, FunctionProto>,
    readonly external: ExternalData | undefined,
    /** Number of nodes in the model's graph. */
    readonly size: number,
  ) {}

  /** Reads a graph whose inputs are defined in the scope; gives the values of its outputs, `undefined` for failed ones. */
  graph(proto: GraphProto, scope: Scope, opsets: Opsets): (Value | undefined)[] {
    for (const tensor of proto.initializer ?? []) {
      const name = tensor.name ?? "";
      scope.define(name, this.#initializer(tensor, name), offsetOf(tensor));
    }
    for (const sparse of proto.sparseInitializer ?? []) {
      const name = sparse.values.name ?? "";
      scope.define(name, this.#sparseInitializer(sparse, name), offsetOf(sparse));
    }
    this.nodes(
      proto.node,
      scope,
      opsets,
      proto.output.map(({ name }) => name),
    );
    return proto.output.map(({ name }) => scope.get(name, offsetOf(proto)));
  }

  nodes(nodes: readonly NodeProto[], scope: Scope, opsets: Opsets, outputs: readonly string[]): void {
    const groups = findGroups(nodes, outputs);
    for (let index = 0; index < nodes.length; index++) {
      const group = groups.get(index);
      if (group !== undefined && this.#restore(group, nodes, scope, opsets)) index = group.last;
      else this.#node(nodes[index] as NodeProto, index, scope, opsets);
    }
  }

  /** A value as one of the program. */
  tensor(value: Value, name: string): Tensor {
    if (isKnownDims(value)) return this.#materialize(value.shape, value.elements, value.dtype);
    return isConstant(value) ? this.recording.constant(value, name) : value;
  }

  /** Puts the op in the place of the nodes that it was written as. */
  #restore(group: Group, nodes: readonly NodeProto[], scope: Scope, opsets: Opsets): boolean {
    // A function of the model may bear the name of an operator.
    if (this.functions.size > 0) return false;
    const members = nodes.slice(group.first, group.last + 1);
    const result = restoreGroup(group, members, opsets.get("") ?? 0, {
      value: (name) => scope.find(name),
      typeOf: typeOfValue,
      tensor: (value, name) => this.tensor(value, scope.fullName(name)),
    });
    const last = members.at(-1) as NodeProto;
    const name = last.output[0] as string;
    if (result === undefined) return false;
    scope.define(name, result, offsetOf(last));
    this.recording.name(result, scope.fullName(name));
    return true;
  }

  #initializer(proto: TensorProto, name: string): Value | undefined {
    if (dtypeOf(proto.dataType) !== undefined) return readTensor(proto, this.external);
    this.reasons.push(`initializer "${name}": the element type ${elementTypeName(proto.dataType)} is not supported`);
    return undefined;
  }

  #sparseInitializer(proto: SparseTensorProto, name: string): Value | undefined {
    const { dataType } = proto.values;
    const dtype = dtypeOf(dataType);
    if (dtype !== undefined && !dtypes[dtype].packed) return readSparseTensor(proto, this.#expansion, this.external);
    const type = elementTypeName(dataType);
    this.reasons.push(`sparse initializer "${name}": the element type ${type} is not supported`);
    return undefined;
  }

  #node(node: NodeProto, index: number, scope: Scope, opsets: Opsets): void {
    const limit = extraNodes + 8 * this.size;
    if (++this.#nodes > limit) {
      throw new OnnxError("too-large", offsetOf(node), `more than ${limit} nodes with those of functions and loops`);
    }
    const title = (node.name ?? "") === "" ? node.opType : `${node.opType} "${node.name}"`;
    const label = `node ${shortened(scope.prefix)}${index}, ${title}`;
    const inputs = node.input.map((name) => (name === "" ? undefined : scope.get(name, offsetOf(node))));
    const failed = node.input.some((name, i) => name !== "" && inputs[i] === undefined && !scope.isAbsent(name));
    let results: readonly (Value | undefined)[] = [];
    try {
      results = this.#read(node, inputs, failed, scope, opsets);
    } catch (error) {
      if (error instanceof UnsupportedNode) this.reasons.push(`${label}: ${error.message}`);
      else if (error instanceof OpError && (hasGraph(node) || inputs.some(isSymbolic))) {
        // A right model may need equal lengths that are not known to be equal, or a state that grows.
        const hint = inputs.some(isSymbolic) ? "; numbers for its dimensions may help (shapes, dims)" : "";
        this.reasons.push(`${label}: ${error.message}${hint}`);
      } else if (isAboutNode(error)) {
        throw new OnnxError("invalid-node", offsetOf(node), `${label}: ${error.message}`);
      } else throw error;
    }
    node.output.forEach((name, i) => {
      if (name === "") return;
      const value = results[i];
      scope.define(name, value, offsetOf(node));
      if (value !== undefined && isTraced(value as Tensor)) this.recording.name(value as Tensor, scope.fullName(name));
    });
  }

  #read(
    node: NodeProto,
    inputs: readonly (Value | undefined)[],
    failed: boolean,
    scope: Scope,
    opsets: Opsets,
  ): readonly (Value | undefined)[] {
    const domain = normalDomain(node.domain ?? "");
    const local = this.functions.get(functionKey(domain, node.opType, node.overload));
    if (local !== undefined) return failed ? [] : this.#call(local, node, inputs, scope);
    const reader = readerOf(domain, node.opType);
    const opset = opsets.get(domain) ?? unsupported(`the model imports no operator set "${domain || "ai.onnx"}"`);
    if (failed) return [];
    const context = new NodeContext(node, opset, inputs, this.#surroundings(scope, opsets));
    const results = this.#evaluate(context, reader) ?? [reader(context)].flat();
    node.output.forEach((name, i) => {
      if (name !== "" && results[i] === undefined) unsupported(`its output ${i} is not supported`);
    });
    return results as readonly (Value | undefined)[];
  }

  /** What is known now is computed now. */
  #evaluate(context: NodeContext, reader: OperatorReader): readonly (Value | undefined)[] | undefined {
    const { node, opset, inputs, surroundings } = context;
    if (inputs.length === 0 || keptForEngines.has(node.opType) || hasGraph(node)) return undefined;
    if (!inputs.every((value) => value === undefined || isKnown(value))) return undefined;
    return inputs.some((value) => value !== undefined && isKnownDims(value))
      ? evaluateDims(context, reader)
      : foldNode(node, opset, inputs, reader, surroundings);
  }

  #surroundings(scope: Scope, opsets: Opsets): Surroundings {
    return {
      tensor: (value, name) => this.tensor(value, scope.fullName(name)),
      live: (dim) => this.recording.dimension(dim),
      iota: (length, dtype) => this.recording.iota(length, dtype),
      constant: (proto) => {
        if (dtypeOf(proto.dataType) === undefined) {
          unsupported(`the element type ${elementTypeName(proto.dataType)} is not supported`);
        }
        return readTensor(proto, this.external);
      },
      body: (proto, values) => this.#deeper(() => this.#body(proto, values, scope, opsets)),
    };
  }

  #body(proto: GraphProto, values: readonly Value[], scope: Scope, opsets: Opsets): Value[] {
    const inner = new Scope(`${scope.prefix}${proto.name}/`, scope);
    proto.input.forEach(({ name }, i) => inner.define(name, values[i], offsetOf(proto)));
    const outputs = this.graph(proto, inner, opsets);
    return outputs.map((value) => value ?? unsupported(`its graph "${proto.name}" has unsupported nodes`));
  }

  #call(
    local: FunctionProto,
    node: NodeProto,
    inputs: readonly (Value | undefined)[],
    scope: Scope,
  ): (Value | undefined)[] {
    if (local.output.length < node.output.length) {
      invalid(`${node.output.length} outputs of a function that has ${local.output.length}`);
    }
    return this.#deeper(() => {
      const stem = node.name === undefined || node.name === "" ? (node.output[0] ?? local.name) : node.name;
      const inner = new Scope(`${scope.prefix}${stem}/`);
      local.input.forEach((name, i) => inner.define(name, inputs[i], offsetOf(node), inputs[i] === undefined));
      this.nodes(instantiate(local, node), inner, opsetsOf(local.opsetImport), local.output);
      return local.output.map((name) =>
        inner.isAbsent(name)
          ? unsupported(`its output "${name}" is an input that is not given`)
          : inner.get(name, offsetOf(local)),
      );
    });
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > depthLimit) unsupported(`functions or graphs stand more than ${depthLimit} deep in each other`);
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Dimensions as a value of the program. */
  #materialize(shape: readonly number[], elements: readonly Dim[], dtype: HostTensor["dtype"]): Tensor {
    const value = (dim: Dim): Tensor =>
      typeof dim === "number"
        ? fromLanes(dtype, [], [dim])
        : applyOne(dimValuePrimitive, [], { dim: this.recording.dimension(dim), dtype });
    const scalars = elements.map((dim) => {
      // A dimension is never negative, but what is computed from dimensions may be.
      const [gain, loss] = typeof dim === "number" ? [dim, 0] : signedParts(dim);
      return reshape(loss === 0 ? value(gain) : sub(value(gain), value(loss)), [1]);
    });
    return reshape(concat(scalars, 0), shape);
  }
}

/** Is this what a node that breaks its operator's rules leads to? Errors of the file itself say more. */
const isAboutNode = (error: unknown): error is Error =>
  error instanceof InvalidNode ||
  error instanceof RangeError ||
  (error instanceof CoreTensorError && !(error instanceof FormatError));

const isSymbolic = (value: Value | undefined): boolean =>
  value !== undefined && (isKnownDims(value) || typeOfValue(value).shape.some((dim) => typeof dim === "string"));

/** A path into called functions, which may be long where they call each other. */
const shortened = (prefix: string): string =>
  prefix.length <= 60 ? prefix : `${prefix.slice(0, 20)}…${prefix.slice(-20)}`;

const hasGraph = ({ attribute = [] }: NodeProto): boolean => attribute.some(({ g }) => g !== undefined);

/** Operators that engines fuse with their neighbours: they stay in the program also when their inputs are constants. */
const keptForEngines: ReadonlySet<string> = new Set(["QuantizeLinear", "DequantizeLinear"]);
