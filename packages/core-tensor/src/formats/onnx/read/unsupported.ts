/**
 * Thrown by the reader of an operator for what it cannot express. The model's reader catches it, goes on with what does
 * not depend on the node, and reports everything at once.
 */
export class UnsupportedNode extends Error {
  override name = "UnsupportedNode";
}

export function unsupported(reason: string): never {
  throw new UnsupportedNode(reason);
}

/** Thrown for a node that breaks the rules of its operator: a missing input, an attribute of another type. */
export class InvalidNode extends Error {
  override name = "InvalidNode";
}

export function invalid(message: string): never {
  throw new InvalidNode(message);
}
