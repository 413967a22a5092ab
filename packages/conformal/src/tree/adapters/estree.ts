import { ConformalError } from "../../base/errors.ts";
import type { Span, TreeAdapter } from "../adapter.ts";

/** A node of an ESTree or Babel syntax tree, as acorn, espree, meriyah and @babel/parser make them. */
export interface ESTreeNode {
  readonly type: string;
}

/** Keys that say where a node stands or how it was written, not what it is. */
const LAYOUT = new Set(
  (
    "type start end loc range raw extra parent comments leadingComments trailingComments innerComments tokens errors " +
    "sourceType"
  ).split(" "),
);

/**
 * Reads ESTree and Babel syntax trees. Children are all nodes under a node's keys, in the order of the text. The label
 * is the type, the plain values (names, operators, the value of a literal, flags that are true), and which keys hold a
 * node or a list of nodes. Not in the label: positions, comments, how a literal is written (`"a"` and `'a'` are equal).
 *
 * Spans need positions in the tree: acorn and Babel give them, espree and meriyah with their option `range`.
 */
export const estreeAdapter: TreeAdapter<ESTreeNode> = Object.freeze({
  children(node: ESTreeNode): readonly ESTreeNode[] {
    const children: ESTreeNode[] = [];
    for (const [, value] of parts(node)) {
      if (isNode(value)) children.push(value);
      else if (Array.isArray(value)) children.push(...(value as unknown[]).filter(isNode));
    }
    const at = children.map(position);
    const order = children.map((_, c) => c).sort((a, b) => (at[a]?.start ?? 0) - (at[b]?.start ?? 0) || a - b);
    const sorted = order.filter((c, rank) => {
      // In `import { a }` one identifier is both names; some parsers have it twice, some copy it.
      const before = rank === 0 ? -1 : (order[rank - 1] as number);
      return children[before] !== children[c] && !samePlace(at[before], at[c]);
    });
    return sorted.map((c) => children[c] as ESTreeNode);
  },

  label(node: ESTreeNode): string {
    const described = parts(node).map(([key, value]) => describe(key, value));
    return [node.type, ...described.filter((text) => text !== "")].join(" ");
  },

  span(node: ESTreeNode): Span {
    const span = position(node);
    if (span !== undefined) return span;
    throw new ConformalError("E_TREE", `estreeAdapter: ${node.type} has no position; parse with the option for ranges`);
  },
});

/** The keys that matter, in an order that doesn't depend on the parser. */
function parts(node: ESTreeNode): [string, unknown][] {
  const entries = Object.entries(node)
    .filter(([key, value]) => !LAYOUT.has(key) && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // In `{ a }` one identifier is key and value.
  const shorthand = (node as { readonly shorthand?: unknown }).shorthand === true;
  return shorthand ? entries.filter(([key]) => key !== "key") : entries;
}

function describe(key: string, value: unknown): string {
  if (isNode(value)) return key;
  if (Array.isArray(value)) {
    const list: unknown[] = value;
    if (!list.every((item) => item === null || isNode(item))) return `${key}=${JSON.stringify(list)}`;
    const gaps = list.flatMap((item, at) => (item === null ? [at] : []));
    return gaps.length === 0 ? `${key}*` : `${key}*-${gaps.join("-")}`;
  }
  if (typeof value === "bigint") return `${key}=${value}n`;
  if (typeof value === "object" && value !== null) return isPlain(value) ? `${key}=${JSON.stringify(value)}` : "";
  // A part that is not there is told by its key's absence; false and null are values of literals.
  return (value === null || value === false) && key !== "value" ? "" : `${key}=${JSON.stringify(value)}`;
}

function position(node: ESTreeNode): Span | undefined {
  const { start, end, range } = node as { start?: unknown; end?: unknown; range?: readonly number[] };
  if (typeof start === "number" && typeof end === "number") return { start, end };
  return range === undefined ? undefined : { start: range[0] as number, end: range[1] as number };
}

function samePlace(a: Span | undefined, b: Span | undefined): boolean {
  return a !== undefined && b !== undefined && a.start === b.start && a.end === b.end && a.start < a.end;
}

function isNode(value: unknown): value is ESTreeNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
