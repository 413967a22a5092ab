import { concat, gather, pad, slice } from "../../../../ops/index.ts";
import { plainDim } from "../../../../ops/traced.ts";
import { fromLanes } from "../../../../tensor/lanes.ts";
import { normalizeAxis } from "../../../../tensor/shape.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { NodeContext, OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** Cells before and after along every axis; attributes before opset 11, inputs from then on, for some axes since 18. */
function endsOf(context: NodeContext, rank: number): (readonly [number, number])[] {
  const pads = context.opset >= 11 ? context.ints(1, "pads") : context.attributes.ints("pads");
  const given =
    context.opset >= 18 && context.has(3) ? context.ints(3, "axes") : Array.from({ length: rank }, (_, axis) => axis);
  if (pads.length !== 2 * given.length) return invalid(`expected ${2 * given.length} pads, got ${pads.length}`);
  const ends = Array.from({ length: rank }, (): readonly [number, number] => [0, 0]);
  given.forEach((axis, i) => {
    ends[normalizeAxis("Pad", axis, rank)] = [pads[i] as number, pads[i + given.length] as number];
  });
  return ends;
}

function paddingValue(context: NodeContext): number {
  if (context.opset < 11) return context.attributes.float("value", 0);
  return context.has(2) ? (context.numbers(2, "the padding's value")[0] ?? 0) : 0;
}

/** Which cell stands at a position outside of [0, length). */
const outside: Readonly<Record<string, (at: number, length: number) => number>> = {
  edge: (at, length) => Math.min(Math.max(at, 0), length - 1),
  reflect: (at, length) => {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const inside = ((at % period) + period) % period;
    return inside < length ? inside : period - inside;
  },
  wrap: (at, length) => ((at % length) + length) % length,
};

/** More cells than this are not looked up one by one. */
const longestAxis = 1 << 20;

function padAxis(
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  cell: (at: number, length: number) => number,
): Tensor {
  if (before === 0 && after === 0) return x;
  const length = plainDim(x.shape[axis]);
  if (typeof length !== "number") return padSymbolic(x, axis, [before, after], cell);
  const total = length + before + after;
  if (length === 0 || total < 0) return invalid(`pads of ${before} and ${after} cells for an axis of ${length}`);
  if (total > longestAxis) return unsupported(`an axis of ${total} cells`);
  const places = Int32Array.from({ length: total }, (_, i) => cell(i - before, length));
  return gather(x, fromLanes("int32", [total], places), axis);
}

/** Repeating the edge needs no length. */
function padSymbolic(
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  cell: (at: number, length: number) => number,
): Tensor {
  if (cell !== outside["edge"] || before < 0 || after < 0 || before + after > 1024)
    return unsupported("along an axis of unknown length");
  const along = (value: number | null): (number | null)[] => x.shape.map((_, other) => (other === axis ? value : null));
  const first = slice(x, along(0), along(1));
  const last = slice(x, along(-1), along(null));
  return concat([...new Array<Tensor>(before).fill(first), x, ...new Array<Tensor>(after).fill(last)], axis);
}

/** Negative pads cut. */
const padReader: OperatorReader = (context) => {
  const x = context.tensor(0);
  const ends = endsOf(context, x.rank);
  const mode = context.attributes.text("mode", "constant");
  if (mode === "constant") {
    const cut = ends.some(([before, after]) => before < 0 || after < 0)
      ? slice(
          x,
          ends.map(([before]) => Math.max(-before, 0)),
          ends.map(([, after]) => (after < 0 ? after : null)),
        )
      : x;
    const widths = ends.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)] as const);
    return widths.every(([before, after]) => before === 0 && after === 0)
      ? cut
      : pad(cut, widths, { value: paddingValue(context) });
  }
  const cell = outside[mode] ?? unsupported(`mode="${mode}"`);
  return ends.reduce<Tensor>((value, own, axis) => padAxis(value, axis, own, cell), x);
};

export const padding: OperatorTable = { Pad: padReader };
