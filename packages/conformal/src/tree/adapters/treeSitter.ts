import type { Span, TreeAdapter } from "../adapter.ts";

/** What the adapters need of a tree-sitter node, of `web-tree-sitter` and of `tree-sitter`. */
export interface TreeSitterNode {
  readonly type: string;
  readonly isNamed: boolean;
  readonly text: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly children: readonly (TreeSitterNode | null)[];
}

/** Marks that separate the items of a list, and whose number says nothing that the items don't. */
const SEPARATORS = new Set([",", ";", "\n"]);

/**
 * Reads tree-sitter syntax trees, of any grammar. Nodes are the named ones; the label of a node holds its type, its text
 * if it is a leaf, and its other tokens (operators, keywords, brackets), between which `_` stands for named children.
 * Comments are left out: grammars mark them as `comment`, `line_comment` and the like.
 *
 * Positions are those of the text that was parsed as a JavaScript string. A node with other tokens, such as an
 * operator, owns them: its span is cut where its children begin and end, as for every adapter.
 */
export const treeSitterAdapter: TreeAdapter<TreeSitterNode> = Object.freeze({
  children: (node: TreeSitterNode) => solid(node).filter((child) => child.isNamed),
  label(node: TreeSitterNode): string {
    const parts = solid(node);
    if (parts.length === 0) return `${node.type} ${JSON.stringify(node.text)}`;
    const words = parts.filter((part) => !SEPARATORS.has(part.type)).map((part) => (part.isNamed ? "_" : part.type));
    return [node.type, ...words.filter((word, w) => word !== "_" || words[w - 1] !== "_")].join(" ");
  },
  span: (node: TreeSitterNode): Span => ({ start: node.startIndex, end: node.endIndex }),
});

function solid(node: TreeSitterNode): TreeSitterNode[] {
  return node.children.filter((child): child is TreeSitterNode => child !== null && !/comment$/.test(child.type));
}
