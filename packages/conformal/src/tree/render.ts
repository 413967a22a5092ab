import { ConformalError } from "../base/errors.ts";
import type { Span } from "./adapter.ts";
import { type PartialTree, holeMask } from "./partialTree.ts";

/** Options of `renderPartial`. */
export interface RenderPartialOptions {
  /** What to write for a hole; a function gets the number of the hole, from 0. Default `"□"`. */
  readonly hole?: string | ((index: number) => string);
  /** The text that the spans refer to. Default: the one that `tokenCosts` was given. */
  readonly source?: string;
}

/**
 * A partial tree as text: the source with each hole's span replaced, everything else in its original layout. Without a
 * source or spans, the labels as `label(child, child)`.
 *
 * @throws ConformalError E_TREE for a span outside of the source
 */
export function renderPartial<T>(partial: PartialTree<T>, options: RenderPartialOptions = {}): string {
  const { hole = "□", source = (partial.tree as { readonly source?: string }).source } = options;
  const mark = typeof hole === "string" ? () => hole : hole;
  const { adapter, nodes } = partial.tree;
  const { span } = adapter;
  if (source === undefined || span === undefined) return renderLabels(partial, mark);
  const spans = partial.holes.map((at) => span.call(adapter, nodes[at] as T));
  const root: Span = span.call(adapter, nodes[0] as T);
  let text = "";
  let from = root.start;
  for (const [index, { start, end }] of spans.entries()) {
    if (!(start >= from && start <= end && end <= source.length)) {
      throw new ConformalError("E_TREE", `renderPartial: hole ${index} spans ${start}..${end} of the source`, index);
    }
    text += source.slice(from, start) + mark(index);
    from = end;
  }
  return text + source.slice(from, root.end);
}

function renderLabels({ tree, holes }: PartialTree<unknown>, mark: (index: number) => string): string {
  const { labels, ends } = tree;
  const hole = holeMask({ tree, holes });
  let text = "";
  let holesSeen = 0;
  const open: number[] = [];
  for (let i = 0; i < labels.length; ) {
    text += hole[i] === 1 ? mark(holesSeen++) : (labels[i] as string);
    const end = ends[i] as number;
    const next = hole[i] === 1 ? end : i + 1;
    if (next < end) {
      text += "(";
      open.push(end);
    } else {
      while (open.length > 0 && open.at(-1) === next) {
        text += ")";
        open.pop();
      }
      if (open.length > 0) text += ", ";
    }
    i = next;
  }
  return text;
}
