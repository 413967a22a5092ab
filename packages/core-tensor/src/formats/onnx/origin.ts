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

const none = (attributes: Attributes): boolean => Object.keys(attributes).length === 0;

const withoutAttributes = [
  ..."neg abs sign exp expm1 log log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh".split(" "),
  ..."asinh acosh atanh sigmoid relu softplus erf erfInv lgamma floor ceil round isNan isInf".split(" "),
  ..."add sub mul div pow rem atan2 minimum maximum where".split(" "),
];

/**
 * Ops whose ONNX nodes may round more often than they do (a function that ONNX lacks is an expression, a narrow float is
 * computed in a wider one), so that reading the nodes back would not give the same bits; each with a check of the
 * attributes, so that writing the op again costs little whatever a file says.
 */
const restorable: ReadonlyMap<string, (attributes: Attributes) => boolean> = new Map([
  ...withoutAttributes.map((op) => [op, none] as const),
  ["cast", ({ dtype }: Attributes): boolean => isDType(dtype)],
  [
    "polygamma",
    ({ order }: Attributes): boolean => Number.isInteger(order) && Number(order) >= 0 && Number(order) <= 16,
  ],
]);

/** Can the nodes of this op be read back as the op? */
export function isRestorable(op: string, attributes: Attributes): boolean {
  return restorable.get(op)?.(attributes) === true;
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
    const { op, inputs, attributes, nodes } = JSON.parse(docString.slice(prefix.length)) as Partial<Origin>;
    const named = typeof op === "string" && typeof attributes === "object" && isRestorable(op, attributes);
    const listed = Array.isArray(inputs) && inputs.length <= 3 && inputs.every((name) => typeof name === "string");
    return named && listed && Number.isSafeInteger(nodes) ? ({ op, inputs, attributes, nodes } as Origin) : undefined;
  } catch {
    return undefined;
  }
}
