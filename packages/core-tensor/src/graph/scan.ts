import { apply, typeOf } from "../ops/apply.ts";
import { liveDim } from "../ops/dimensions.ts";
import { isValue, operand } from "../ops/operand.ts";
import { programPrimitives } from "../ops/programs/index.ts";
import { isSymbolicDim, plainDim } from "../ops/traced.ts";
import type { Dim } from "../tensor/dims.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { flattenTree, unflattenTree } from "../tensor/tree.ts";
import { tools } from "./tools.ts";

export interface ScanOptions {
  /** Number of steps; needed only when nothing is scanned. */
  readonly length?: number;
  /** Walk from the last slice to the first; results keep the place of their slice. */
  readonly reverse?: boolean;
}

/**
 * A loop with carried state, run by the engine itself:
 * `[carry, result_t] = step(carry, slice_t)` for every slice along axis 0 of the scanned trees.
 *
 * @param step traced once; its carry must keep dtype and shape. Results may be `[]` for none.
 * @param init carry before the first step: any tree.
 * @param xs tree of tensors with the same length along axis 0, or `null` with `options.length`.
 * @returns the last carry, and the results stacked along a new axis 0.
 * @throws ShapeError or DTypeError naming the carry that a step changes, or lengths that differ; DTypeError for slices or
 *   results of a packed dtype; ArgumentError when the step does not return [carry, result] or the carry's nesting.
 * @example scan((total, x) => [add(total, x), []], 0, tensor([1, 2, 3]))[0] // 6
 */
export function scan<Carry, X, Result>(
  step: (carry: Carry, slice: X) => readonly [carry: Carry, result: Result],
  init: Carry,
  xs: X,
  options: ScanOptions = {},
): [carry: Carry, results: Result] {
  const carry = flattenTree(init, isValue, { op: "scan", argument: "init" });
  const scanned = flattenTree(xs ?? [], isTensor, { op: "scan", argument: "xs" });
  const length = commonLength(scanned.leaves, scanned.paths, options.length);
  const carryValues = carry.leaves.map((leaf) => operand(leaf));
  const types = [
    ...carryValues.map(typeOf),
    ...scanned.leaves.map(typeOf).map(({ dtype, shape }) => ({ dtype, shape: shape.slice(1) })),
  ];
  let structure = "";
  const { graph, captures } = tools.capture((...inputs) => {
    const state = unflattenTree(carry.structure, inputs.slice(0, carryValues.length));
    const slice = xs === null ? null : unflattenTree(scanned.structure, inputs.slice(carryValues.length));
    const outcome = step(state as Carry, slice as X) as unknown;
    if (!Array.isArray(outcome) || outcome.length !== 2) {
      throw new ArgumentError({
        op: "scan",
        argument: "step",
        expected: "a function that returns [carry, result]",
        found: typeof outcome,
      });
    }
    const next = flattenTree(outcome[0], isValue, { op: "scan", argument: "the carry after a step" });
    if (next.structure !== carry.structure) {
      throw new ArgumentError({
        op: "scan",
        argument: "the carry after a step",
        expected: `the nesting ${carry.structure}`,
        found: next.structure,
      });
    }
    const results = flattenTree(outcome[1], isValue, { op: "scan", argument: "the result of a step" });
    structure = results.structure;
    return [
      ...next.leaves.map((leaf, i) => operand(leaf, (carryValues[i] as Tensor).dtype)),
      ...results.leaves.map((leaf) => operand(leaf)),
    ];
  }, types);
  const outputs = apply(
    programPrimitives.scan,
    [...carryValues, ...scanned.leaves, ...captures],
    {
      body: graph,
      carries: carryValues.length,
      scanned: scanned.leaves.length,
      length,
      reverse: options.reverse ?? false,
    },
    tools,
  );
  return [
    unflattenTree(carry.structure, outputs.slice(0, carryValues.length)) as Carry,
    unflattenTree(structure, outputs.slice(carryValues.length)) as Result,
  ];
}

/** The length of the scanned axis: a number, or a symbolic dimension with its recorder. */
function commonLength(leaves: readonly Tensor[], paths: readonly string[], given: number | undefined): Dim {
  if (given !== undefined && !isSymbolicDim(given) && !(Number.isInteger(given) && given >= 0)) {
    throw new ArgumentError({ op: "scan", argument: "length", expected: "a whole number >= 0", found: String(given) });
  }
  const lengths: unknown[] = leaves.map((leaf, i) => {
    if (leaf.rank === 0)
      throw new ShapeError({
        op: "scan",
        argument: `xs ${paths[i]}`,
        expected: "at least one axis",
        found: "a scalar",
      });
    return leaf.shape[0];
  });
  if (given !== undefined) lengths.push(given);
  const first = lengths[0];
  if (first === undefined)
    throw new ArgumentError({
      op: "scan",
      argument: "length",
      expected: "a number of steps, since nothing is scanned",
    });
  if (!lengths.every((length) => plainDim(length) === plainDim(first))) {
    throw new ShapeError({
      op: "scan",
      argument: "xs",
      expected: "one length along axis 0",
      found: formatShape(lengths),
    });
  }
  // A symbolic length keeps its recorder, which apply() looks for among the attributes.
  return liveDim(plainDim(first), first);
}
