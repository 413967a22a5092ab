import { ConformalError } from "../base/errors.ts";
import type { Span, TreeAdapter } from "./adapter.ts";
import type { CostTree } from "./costTree.ts";
import { type FlatTree, flattenTree } from "./flatTree.ts";

/** A token of the predicted text, with the log-probability that the model gave it. */
export interface Token extends Span {
  /** Natural logarithm of the token's probability, <= 0; -Infinity is allowed. */
  readonly logprob: number;
}

/** Options of `tokenCosts`. */
export interface TokenCostsOptions {
  /**
   * The text of the tree. With it, space at the ends of a token is no part of it (language models glue a space to the
   * following word), and space outside of the root is the root's. It is kept in the result, for rendering.
   */
  readonly source?: string;
}

/**
 * The costs of a tree's nodes from the log-probabilities of its tokens. Each token is charged exactly once, to the
 * deepest node whose span contains it; a token that straddles nodes goes to their lowest common ancestor. So the costs
 * add up to minus the log-probability of the whole text.
 *
 * @param tokens in any order, inside the root's span
 * @throws ConformalError E_TREE for spans that are no tree or tokens outside of it (index: the token), E_NAN, E_RANGE
 * @see Khakhar, Mell, Bastani, PAC prediction sets for large language models of code (2023), whose code charges a
 *   straddling token to both nodes
 */
export function tokenCosts<T>(
  tree: NoInfer<T>,
  tokens: readonly Token[],
  adapter: TreeAdapter<T>,
  options: TokenCostsOptions = {},
): CostTree<T> {
  const { source } = options;
  const flat = flattenTree<T>(tree, adapter);
  const spans = readSpans(flat);
  const root = spans[0] as Span;
  const trimmed = tokens.map((token, t) => readToken(token, t, root, source));
  const costs = new Float64Array(flat.nodes.length);
  const owners = deepestOwners(flat.parents, spans, trimmed);
  // Added in the order of the text, whatever the order of the list.
  for (const t of byStart(trimmed)) {
    const owner = owners[t] as number;
    costs[owner] = (costs[owner] as number) - (tokens[t] as Token).logprob;
  }
  return { ...flat, costs, ...(source === undefined ? {} : { source }) };
}

/** The span of every node; E_TREE unless each lies in its parent's, and siblings stand side by side in order. */
export function readSpans<T>({ adapter, nodes, parents }: FlatTree<T>): Span[] {
  if (adapter.span === undefined) throw new ConformalError("E_TREE", "tokenCosts: the adapter has no span");
  const spans: Span[] = [];
  const taken = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    const { start, end } = adapter.span(nodes[i] as T);
    const parent = parents[i] as number;
    const free = parent < 0 ? 0 : (taken[parent] as number);
    const limit = parent < 0 ? Infinity : (spans[parent] as Span).end;
    if (!(start >= free && start <= end && end <= limit)) {
      const text = `tokenCosts: node ${i} spans ${start}..${end}, outside of the free part ${free}..${limit} of its parent`;
      throw new ConformalError("E_TREE", text, i);
    }
    spans.push({ start, end });
    taken[i] = start;
    if (parent >= 0) taken[parent] = end;
  }
  return spans;
}

function readToken({ start, end, logprob }: Token, t: number, root: Span, source: string | undefined): Span {
  if (Number.isNaN(logprob)) throw new ConformalError("E_NAN", `tokenCosts: tokens[${t}].logprob is NaN`, t);
  if (!(logprob <= 0)) {
    throw new ConformalError("E_RANGE", `tokenCosts: tokens[${t}].logprob must be <= 0, got ${logprob}`, t);
  }
  let span = { start, end };
  if (source !== undefined && start <= end) {
    const text = source.slice(start, end);
    const solid = text.trim();
    const from = start + text.indexOf(solid);
    if (solid !== "") span = { start: from, end: from + solid.length };
    else if (start < root.start || end > root.end) span = { start: root.start, end: root.end };
  }
  if (!(root.start <= span.start && span.start <= span.end && span.end <= root.end)) {
    const text = `tokenCosts: tokens[${t}] spans ${start}..${end}, outside of the tree's ${root.start}..${root.end}`;
    throw new ConformalError("E_TREE", text, t);
  }
  return span;
}

/** One sweep over nodes and tokens by position, with the nodes around the current position on a stack. */
function deepestOwners(parents: Int32Array, spans: readonly Span[], tokens: readonly Span[]): Int32Array {
  const owners = new Int32Array(tokens.length);
  const path: number[] = [0];
  let next = 1;
  for (const t of byStart(tokens)) {
    const { start, end } = tokens[t] as Span;
    for (; next < spans.length && (spans[next] as Span).start <= start; next++) {
      while (path.at(-1) !== parents[next]) path.pop();
      path.push(next);
    }
    // Ends only shrink along the path: the owner is the last node on it that reaches the end of the token, and beyond
    // its start, so that an empty token goes to the node that follows it.
    let low = 0;
    let high = path.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const reach = (spans[path[middle] as number] as Span).end;
      if (reach >= end && reach > start) low = middle;
      else high = middle - 1;
    }
    owners[t] = path[low] as number;
  }
  return owners;
}

function byStart(tokens: readonly Span[]): Uint32Array {
  const order = Uint32Array.from(tokens, (_, t) => t);
  const at = (t: number): Span => tokens[t] as Span;
  return order.sort((s, t) => at(s).start - at(t).start || at(s).end - at(t).end || s - t);
}
