import type { Span, TreeAdapter } from "../adapter.ts";

/** A tree of plain records, for trees that you build yourself. */
export interface PlainTree {
  readonly label: string;
  readonly children?: readonly PlainTree[];
  readonly span?: Span;
}

/** Reads a `PlainTree`. Without spans, tokens cannot be charged to nodes: use `nodeCosts`. */
export const plainTreeAdapter: TreeAdapter<PlainTree> = Object.freeze({
  children: (node: PlainTree) => node.children ?? [],
  label: (node: PlainTree) => node.label,
  span: (node: PlainTree) => node.span ?? { start: Number.NaN, end: Number.NaN },
});
