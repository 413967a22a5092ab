import { GraphBuilder, primitiveOf } from "../../../graph/builder.ts";
import { apply } from "../../../ops/apply.ts";
import type { Attributes, ValueType } from "../../../ops/program.ts";
import { OpError } from "../../../tensor/errors.ts";
import { denseStorage } from "../../../tensor/host.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { forFiles, newProgram } from "../lowerModel.ts";
import { computedDType } from "../lower/constants.ts";
import { Emitter } from "../lower/emitter.ts";
import { lowerInto } from "../lower/lowerGraph.ts";
import { type Origin, parseOrigin } from "../origin.ts";
import { countUses } from "../uses.ts";
import { type AttributeProto, type NodeProto, type TensorProto, attributeType } from "../schema.ts";
import { readTensor } from "../tensor.ts";
import { type Value, isConstant } from "./value.ts";

/** A group of nodes that says for which op it was written. */
export interface Group {
  readonly first: number;
  readonly last: number;
  readonly origin: Origin;
}

/** The groups among the nodes of a graph whose inner values nobody else reads, by their first node. */
export function findGroups(nodes: readonly NodeProto[], outputs: readonly string[]): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  nodes.forEach((node, last) => {
    const origin = parseOrigin(node);
    const first = last - (origin?.nodes ?? 0) + 1;
    if (origin !== undefined && origin.nodes > 1 && first >= 0) groups.set(first, { first, last, origin });
  });
  if (groups.size === 0) return groups;
  const uses = countUses(nodes, new Map(outputs.map((name) => [name, 1])));
  for (const [first, { last }] of groups) {
    const members = nodes.slice(first, last + 1);
    const own = countUses(members, new Map());
    const inner = members.slice(0, -1).flatMap(({ output }) => output);
    if (inner.some((name) => uses.get(name) !== own.get(name))) groups.delete(first);
  }
  return groups;
}

/** What the restoring of a group needs to know of the graph around it. */
export interface Known {
  /** The value behind a name; `undefined` where there is none yet. */
  value(name: string): Value | undefined;
  typeOf(value: Value): ValueType;
  tensor(value: Value, name: string): Tensor;
}

/**
 * The result of the op that a group of nodes says it was written for. The claim is checked: the op is written again for
 * the same opset and types, and must give the very nodes and constants of the group. `undefined` otherwise; the nodes are
 * then read as they stand.
 */
export function restoreGroup(
  { origin }: Group,
  members: readonly NodeProto[],
  opset: number,
  known: Known,
): Tensor | undefined {
  const values = origin.inputs.map((name) => known.value(name));
  if (values.some((value) => value === undefined)) return undefined;
  const types = (values as Value[]).map(known.typeOf);
  const { attributes } = origin;
  const written = write(origin.op, types, attributes, opset);
  if (written === undefined || !sameNodes(written, members, origin.inputs, known)) return undefined;
  const inputs = values.map((value, i) => known.tensor(value as Value, origin.inputs[i] as string));
  return apply(primitiveOf(origin.op), inputs, attributes)[0];
}

interface Written {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly string[];
  readonly output: string;
}

/** The nodes that an op alone is written as; `undefined` where it does not take such inputs. */
function write(op: string, types: readonly ValueType[], attributes: Attributes, opset: number): Written | undefined {
  const builder = new GraphBuilder("origin");
  const inputs = types.map((type, i) => builder.input(`input_${i}`, type));
  try {
    const [result] = builder.addNode(op, inputs, attributes);
    builder.output("result", result as string);
  } catch (error) {
    if (error instanceof OpError) return undefined;
    throw error;
  }
  const graph = builder.build();
  const all: readonly ValueType[] = Object.values(graph.types);
  // Values of packed dtypes are bytes in a file, so that the op there has other types than the one it was written for.
  if (all.some(({ dtype }) => computedDType(dtype) !== dtype)) return undefined;
  const program = newProgram(
    inputs,
    types.map(({ dtype }) => dtype),
    opset,
    forFiles,
  );
  const emitter = new Emitter(program, graph);
  const [output] = lowerInto(graph, inputs, emitter, (name) => emitter.fresh(name));
  if (program.reasons.size > 0) return undefined;
  return { nodes: emitter.nodes, initializers: emitter.initializers, inputs, output: output as string };
}

/** Are the nodes the same but for the names of their values? */
function sameNodes(written: Written, members: readonly NodeProto[], inputs: readonly string[], known: Known): boolean {
  if (written.nodes.length !== members.length) return false;
  const names = new Map(written.inputs.map((name, i) => [name, inputs[i] as string]));
  const constants = new Map(written.initializers.map((proto) => [proto.name ?? "", proto]));
  const matches = (own: string, name: string): boolean => {
    const bound = names.get(own);
    if (bound !== undefined) return bound === name;
    const constant = constants.get(own);
    const same = constant === undefined ? own === name : sameConstant(constant, known.value(name));
    if (same) names.set(own, name);
    return same;
  };
  const same = written.nodes.every((node, i) => {
    const other = members[i] as NodeProto;
    const alike =
      node.opType === other.opType &&
      (other.domain ?? "") === "" &&
      node.input.length === other.input.length &&
      node.output.length === other.output.length &&
      node.input.every((name, k) => matches(name, other.input[k] as string)) &&
      sameAttributes(node.attribute ?? [], other.attribute ?? []);
    node.output.forEach((name, k) => names.set(name, other.output[k] as string));
    return alike;
  });
  return same && names.get(written.output) === members.at(-1)?.output[0];
}

function sameConstant(proto: TensorProto, value: Value | undefined): boolean {
  if (value === undefined || !isConstant(value)) return false;
  const own = readTensor(proto);
  if (own.dtype !== value.dtype || own.shape.join() !== value.shape.join()) return false;
  const [a, b] = [denseStorage(own), denseStorage(value)];
  return a.every((code: number | bigint, i: number) => Object.is(code, b[i]));
}

/** The attributes that our nodes have: whole numbers, lists of them, and texts. */
function sameAttributes(own: readonly AttributeProto[], other: readonly AttributeProto[]): boolean {
  const text = (attributes: readonly AttributeProto[]): string | undefined => {
    const parts = attributes.map(({ name, type, i, ints, s }) => {
      if (type === attributeType.INT) return `${name}=${i ?? 0}`;
      if (type === attributeType.INTS) return `${name}=[${(ints ?? []).join()}]`;
      return type === attributeType.STRING ? `${name}="${(s ?? []).join()}"` : undefined;
    });
    return parts.includes(undefined) ? undefined : parts.sort().join();
  };
  const mine = text(own);
  return mine !== undefined && mine === text(other);
}
