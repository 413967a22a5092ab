/** A half-open range of positions in a source text, in the units of `String.prototype.slice`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How this package reads a tree of yours. The tree itself is never modified. */
export interface TreeAdapter<T> {
  /** The children of a node, in order; empty for a leaf. */
  children(node: T): readonly T[];
  /**
   * What must be equal for two nodes to be the same apart from their children: the kind of node, and the text of a
   * leaf. Where a kind of node has optional parts, the label must tell which of them are there.
   */
  label(node: T): string;
  /** Where the node stands in its source text; needed by `tokenCosts`, and to render a partial program as text. */
  span?(node: T): Span;
}
