import type { Graph, ValueType } from "../../../ops/program.ts";
import type { OpAttributes, ScanAttributes } from "../../../ops/vocabulary.ts";
import type { DType } from "../../../tensor/dtype.ts";
import type { GraphProto, ValueInfoProto } from "../schema.ts";
import { tensorValue } from "../construct.ts";
import { computedDType, onnxType } from "./constants.ts";
import { dimScalar } from "./dimensions.ts";
import type { Emitter } from "./emitter.ts";
import type { LoweringNode, OnnxLowering, OnnxLoweringTable } from "./lowering.ts";
import { filled } from "./movement.ts";

/** The parts of a loop body. */
interface Body {
  readonly emitter: Emitter;
  readonly prefix: string;
  readonly inputs: ValueInfoProto[];
  readonly outputs: ValueInfoProto[];
}

function valueInfo(name: string, { dtype, shape }: ValueType): ValueInfoProto {
  return tensorValue(name, onnxType(computedDType(dtype)), shape);
}

/** Declares an input of a body. ONNX does not let an inner name hide an outer one, so inner names get a prefix. */
function bodyInput(body: Body, stem: string, type: ValueType): string {
  const name = body.emitter.define(body.emitter.fresh(`${body.prefix}${stem}`), computedDType(type.dtype));
  body.inputs.push(valueInfo(name, type));
  return name;
}

/**
 * Declares an output of a body: always the output of a node of the body, never twice the same. A value that is neither
 * (an input, a constant, a second use) is copied.
 */
function bodyOutput(body: Body, stem: string, value: string, type: ValueType): void {
  const isMade = body.emitter.nodes.some(({ output }) => output.includes(value));
  const isFirst = body.outputs.every(({ name }) => name !== value);
  const name = isMade && isFirst ? value : body.emitter.fresh(`${body.prefix}${stem}`);
  if (name !== value) body.emitter.copy(value, name);
  body.outputs.push(valueInfo(name, type));
}

function bodyGraph({ emitter, inputs, outputs, prefix }: Body): GraphProto {
  return { name: prefix, node: emitter.protos(), initializer: emitter.initializers, input: inputs, output: outputs };
}

const inputTypes = (graph: Graph): ValueType[] => graph.inputs.map((name) => graph.types[name] as ValueType);
const outputTypes = (graph: Graph): ValueType[] => graph.outputs.map(({ value }) => graph.types[value] as ValueType);

/** Values that go through a loop: no constants of 4 bits among them. */
const bytes = (emitter: Emitter, values: readonly string[]): string[] =>
  values.map((value) => emitter.cast(value, emitter.dtype(value)));
const madeDTypes = (node: LoweringNode<unknown>): DType[] => node.outputTypes.map(({ dtype }) => computedDType(dtype));

/** Without steps the carry stays as it is and nothing is stacked. */
function noSteps(emitter: Emitter, node: LoweringNode<ScanAttributes>): string[] {
  return node.outputTypes.map(({ dtype, shape }, i) =>
    i < node.attributes.carries
      ? emitter.emit("Identity", [node.inputs[i] as string])
      : filled(emitter, dtype, shape, 0),
  );
}

/**
 * ONNX `Scan`. Constants of the loop are values of the graph around it, which a body sees by name. Directions do the
 * walking backwards.
 */
function scanSlices(emitter: Emitter, node: LoweringNode<ScanAttributes>): string[] {
  const { body: graph, carries, scanned, reverse } = node.attributes;
  const prefix = `${node.name}/body/`;
  const body: Body = { emitter: emitter.nested(), prefix, inputs: [], outputs: [] };
  const types = inputTypes(graph);
  const own = graph.inputs.slice(0, carries + scanned).map((name, i) => bodyInput(body, name, types[i] as ValueType));
  const outputs = emitter.program.lower(
    graph,
    [...own, ...node.inputs.slice(carries + scanned)],
    body.emitter,
    emitter.naming(prefix),
  );
  outputTypes(graph).forEach((type, i) => bodyOutput(body, `output_${i}`, outputs[i] as string, type));
  const results = outputs.length - carries;
  const attributes = {
    body: bodyGraph(body),
    num_scan_inputs: scanned,
    ...(reverse ? { scan_input_directions: new Array<number>(scanned).fill(1) } : {}),
    ...(reverse && results > 0 ? { scan_output_directions: new Array<number>(results).fill(1) } : {}),
  };
  return emitter.node("Scan", bytes(emitter, node.inputs.slice(0, carries + scanned)), attributes, madeDTypes(node));
}

/** ONNX `Loop`, for loops that are counted only. Its results are stacked in the order of the steps. */
function countedLoop(emitter: Emitter, node: LoweringNode<ScanAttributes>): string[] {
  const { body: graph, carries, length, reverse } = node.attributes;
  const prefix = `${node.name}/body/`;
  const body: Body = { emitter: emitter.nested(), prefix, inputs: [], outputs: [] };
  const types = inputTypes(graph);
  bodyInput(body, "iteration", { dtype: "int64", shape: [] });
  const condition = bodyInput(body, "condition", { dtype: "bool", shape: [] });
  const own = graph.inputs.slice(0, carries).map((name, i) => bodyInput(body, name, types[i] as ValueType));
  const outputs = emitter.program.lower(
    graph,
    [...own, ...node.inputs.slice(carries)],
    body.emitter,
    emitter.naming(prefix),
  );
  bodyOutput(body, "goOn", condition, { dtype: "bool", shape: [] });
  outputTypes(graph).forEach((type, i) => bodyOutput(body, `output_${i}`, outputs[i] as string, type));
  const count = dimScalar(emitter, length, "int64");
  const made = emitter.node(
    "Loop",
    [count, "", ...bytes(emitter, node.inputs.slice(0, carries))],
    { body: bodyGraph(body) },
    madeDTypes(node),
  );
  if (!reverse) return made;
  const backwards = [emitter.ints([-1]), emitter.ints([-(2n ** 63n - 1n)]), emitter.ints([0]), emitter.ints([-1])];
  return made.map((value, i) => (i < carries ? value : emitter.emit("Slice", [value, ...backwards])));
}

/** A graph without inputs, for one side of an `If`: it sees the values around it. */
function branch(emitter: Emitter, node: LoweringNode<ScanAttributes>, write: (inner: Emitter) => string[]): GraphProto {
  const inner = emitter.nested();
  const outputs = write(inner).map((name, i) => valueInfo(name, node.outputTypes[i] as ValueType));
  return {
    name: `${node.name}/branch`,
    node: inner.protos(),
    initializer: inner.initializers,
    input: [],
    output: outputs,
  };
}

/** ONNX Runtime's `Scan` wants a step, and whether a symbolic length has one is known only when the program runs. */
function scanUnlessEmpty(emitter: Emitter, node: LoweringNode<ScanAttributes>): string[] {
  const length = dimScalar(emitter, node.attributes.length, "int64");
  const some = emitter.emit("Greater", [length, emitter.scalar("int64", 0)]);
  const attributes = {
    then_branch: branch(emitter, node, (inner) => scanSlices(inner, node)),
    else_branch: branch(emitter, node, (inner) => noSteps(inner, node)),
  };
  return emitter.node("If", [some], attributes, madeDTypes(node));
}

const scan: OnnxLowering<ScanAttributes> = (emitter, node) => {
  const { length, scanned } = node.attributes;
  if (length === 0) return noSteps(emitter, node);
  if (scanned === 0) return countedLoop(emitter, node);
  return typeof length === "number" ? scanSlices(emitter, node) : scanUnlessEmpty(emitter, node);
};

/** The function itself; its own derivative was used when the program was differentiated. */
const customVjp: OnnxLowering<OpAttributes["customVjp"]> = (emitter, { inputs, attributes: { primal }, name }) =>
  emitter.program.lower(primal, inputs, emitter, emitter.naming(`${name}/`));

export type ProgramOps = Pick<OpAttributes, "scan" | "customVjp" | "stopGradient">;

/** Ops that hold programs, and the border of derivatives. */
export const programs: OnnxLoweringTable<ProgramOps> = {
  scan,
  customVjp,
  stopGradient: (emitter, { inputs: [x = ""] }) => emitter.emit("Identity", [x]),
};
