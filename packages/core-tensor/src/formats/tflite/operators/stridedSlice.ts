import { reshape, reverse, slice } from "../../../ops/index.ts";
import { plainDim } from "../../../ops/traced.ts";
import { moves } from "../known.ts";
import type { OperatorNode, OperatorReader, OperatorRow } from "../node.ts";
import { type StridedSliceOptions, stridedSliceOptions } from "../options.ts";

/** What happens to an axis of the input. */
interface AxisRange {
  /** As `slice` takes it; `null` is open. */
  readonly start: number | null;
  readonly end: number | null;
  /** Negative: from the last element to the first, along an axis that is reversed before. */
  readonly step: number;
}

/** An axis of the result: taken from the input, dropped from it, or new. */
type Entry = "kept" | "dropped" | "new";

interface Plan {
  /** One per axis of the input. */
  readonly ranges: readonly AxisRange[];
  readonly entries: readonly Entry[];
}

const bit = (mask: number, at: number): boolean => ((mask >> at) & 1) === 1;

/**
 * Reads begins, ends and strides as TensorFlow's StridedSlice does: entry i of the lists is about the next axis, unless
 * a mask says that it opens a new axis or (once) stands for all the axes that are left over.
 */
function plan(
  node: OperatorNode,
  shape: readonly unknown[],
  lists: readonly [begins: readonly number[], ends: readonly number[], strides: readonly number[]],
  options: StridedSliceOptions,
): Plan {
  const [begins, ends, strides] = lists;
  const count = begins.length;
  if (ends.length !== count || strides.length !== count || count > 32) {
    return node.fail(
      `expected begins, ends and strides of one length, got ${count}, ${ends.length}, ${strides.length}`,
    );
  }
  const ellipsis = begins.findIndex((_, i) => bit(options.ellipsisMask, i));
  const isNew = (i: number): boolean => i !== ellipsis && bit(options.newAxisMask, i);
  const named = begins.filter((_, i) => i !== ellipsis && !isNew(i)).length;
  const left = shape.length - named;
  if (left < 0) return node.fail(`expected ranges for at most ${shape.length} axes, got ${named}`);
  const ranges: AxisRange[] = [];
  const entries: Entry[] = [];
  const wholeAxes = (): void => {
    for (let i = 0; i < left; i++) {
      ranges.push({ start: null, end: null, step: 1 });
      entries.push("kept");
    }
  };
  for (let i = 0; i < count; i++) {
    if (i === ellipsis) wholeAxes();
    else if (isNew(i)) entries.push("new");
    else {
      const dim = plainDim(shape[ranges.length]);
      const begin = begins[i] as number;
      if (bit(options.shrinkAxisMask, i)) {
        ranges.push(single(node, begin, dim));
        entries.push("dropped");
        continue;
      }
      const start = bit(options.beginMask, i) ? null : begin;
      const end = bit(options.endMask, i) ? null : (ends[i] as number) + (options.offset ? begin : 0);
      ranges.push(range(node, start, end, strides[i] as number, dim));
      entries.push("kept");
    }
  }
  if (ellipsis < 0) wholeAxes();
  return { ranges, entries };
}

function single(node: OperatorNode, begin: number, dim: unknown): AxisRange {
  if (typeof dim !== "number") return { start: begin, end: begin === -1 ? null : begin + 1, step: 1 };
  const at = begin < 0 ? begin + dim : begin;
  if (at < 0 || at >= dim) return node.fail(`expected an index of an axis of ${dim}, got ${begin}`);
  return { start: at, end: at + 1, step: 1 };
}

function range(node: OperatorNode, start: number | null, end: number | null, step: number, dim: unknown): AxisRange {
  if (step === 0) return node.fail("expected strides other than 0");
  if (typeof dim !== "number") {
    return step > 0 ? { start, end, step } : node.refuse(`strides below 0 along the symbolic axis ${String(dim)}`);
  }
  const fromStart = (bound: number): number => (bound < 0 ? bound + dim : bound);
  const inside = (bound: number): number => Math.min(Math.max(bound, 0), dim);
  if (step > 0) {
    return { start: inside(fromStart(start ?? 0)), end: inside(end === null ? dim : fromStart(end)), step };
  }
  // Walking down from `first` to above `last` is walking up along the reversed axis.
  const first = start === null ? dim - 1 : Math.min(fromStart(start), dim - 1);
  const last = end === null ? -1 : Math.max(fromStart(end), -1);
  return { start: inside(dim - 1 - first), end: inside(dim - 1 - last), step };
}

const read: OperatorReader = (node) => {
  const lists = [node.integers(1, "begins"), node.integers(2, "ends"), node.integers(3, "strides")] as const;
  const { ranges, entries } = plan(node, node.shape(0), lists, node.options(stridedSliceOptions));
  const reshapes = entries.some((entry) => entry !== "kept");
  const form = node.moving(0);
  const { tensor, axes } = reshapes ? node.result(node.plain(0, form)) : node.held(0, form);
  const own = axes.map((axis) => ranges[axis] as AxisRange);
  const backwards = own.flatMap(({ step }, i) => (step < 0 ? [i] : []));
  const cut = slice(
    backwards.length === 0 ? tensor : reverse(tensor, backwards),
    own.map(({ start }) => start),
    own.map(({ end }) => end),
    own.map(({ step }) => Math.abs(step)),
  );
  if (!reshapes) return [{ tensor: cut, axes }];
  const dims = cut.shape[Symbol.iterator]();
  const shape = entries.flatMap((entry) => {
    if (entry === "new") return [1];
    const dim = dims.next().value as number;
    return entry === "kept" ? [dim] : [];
  });
  return [node.result(reshape(cut, shape))];
};

/** Inputs: x, begins, ends, strides. */
export const stridedSlice: OperatorRow = moves(read);
