import type { Attributes } from "../../ops/program.ts";
import { isDType } from "../../tensor/dtype.ts";
import type { NodeProto } from "./schema.ts";

/**
 * Which op of a program a group of ONNX nodes was written for. It stands in the documentation text of the group's last
 * node. Whoever reads the file may believe it only after writing the op again and comparing: see `read/restore.ts`.
 */
export interface Origin {
  readonly op: string;
  /** Names of the op's inputs in the file. */
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  /** Number of nodes in the group. */
  readonly nodes: number;
}

/** Do the attributes belong to the op, and does writing it take no more than in the order of so many nodes? */
type Check = (attributes: Attributes, nodes: number) => boolean;

const none: Check = (attributes) => Object.keys(attributes).length === 0;

const withoutAttributes = [
  ..."neg abs sign exp expm1 log log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh".split(" "),
  ..."asinh acosh atanh sigmoid relu softplus erf erfInv lgamma floor ceil round isNan isInf".split(" "),
  ..."add sub mul div pow rem atan2 minimum maximum where".split(" "),
];

const isOrder = (order: unknown): boolean => Number.isInteger(order) && Number(order) >= 0 && Number(order) <= 16;

const isInts = (values: unknown, count: number): values is number[] =>
  Array.isArray(values) &&
  values.length === count &&
  values.every((value) => Number.isSafeInteger(value) && value >= 0);

/** A slice for every cell of the kernel. */
const isWeightGrad: Check = ({ kernel, strides, dilations, pads, groups, ...rest }, nodes) =>
  none(rest, nodes) &&
  isInts(kernel, 2) &&
  (kernel[0] as number) * (kernel[1] as number) <= nodes &&
  isInts(strides, 2) &&
  isInts(dilations, 2) &&
  isInts(pads, 4) &&
  isInts([groups], 1);

/**
 * Ops whose ONNX nodes may round more often than they do (a function that ONNX lacks is an expression, a narrow float is
 * computed in a wider one, a batch is summed at the end), so that reading the nodes back would not give the same bits.
 */
const restorable: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...withoutAttributes.map((op): [string, Check] => [op, none]),
  ["cast", ({ dtype, ...rest }, nodes) => isDType(dtype) && none(rest, nodes)],
  ["polygamma", ({ order, ...rest }, nodes) => isOrder(order) && none(rest, nodes)],
  ["conv2dWeightGrad", isWeightGrad],
]);

/** Can the nodes of this op be read back as the op? */
export function isRestorable(op: string, attributes: Attributes, nodes: number): boolean {
  return restorable.get(op)?.(attributes, nodes) === true;
}

const prefix = "core-tensor op ";

/** The documentation text of a group's last node. */
export function originText({ op, inputs, attributes, nodes }: Origin): string {
  return prefix + JSON.stringify({ op, inputs, attributes, nodes });
}

/** What a node's documentation says of its origin, if anything; the text may be anybody's. */
export function parseOrigin({ docString = "" }: NodeProto): Origin | undefined {
  if (!docString.startsWith(prefix)) return undefined;
  try {
    const { op, inputs, attributes, nodes } = JSON.parse(docString.slice(prefix.length)) as Record<string, unknown>;
    const listed = Array.isArray(inputs) && inputs.length <= 3 && inputs.every((name) => typeof name === "string");
    if (!listed || !isInts([nodes], 1) || typeof op !== "string" || typeof attributes !== "object") return undefined;
    const origin = { op, inputs, attributes, nodes } as Origin;
    return isRestorable(op, origin.attributes, origin.nodes) ? origin : undefined;
  } catch {
    return undefined;
  }
}
