import { apply, typeOf } from "../ops/apply.ts";
import { isValue, operand } from "../ops/operand.ts";
import type { Captured } from "../ops/primitive.ts";
import { programPrimitives } from "../ops/programs/index.ts";
import type { Graph, ValueType } from "../ops/program.ts";
import { isFloat } from "../tensor/dtype.ts";
import { ShapeError, TraceError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { flattenTree, unflattenTree } from "../tensor/tree.ts";
import { formatType } from "./print.ts";
import { tools } from "./tools.ts";

/** A derivative of one's own. Trees of tensors may stand for any of the values. */
export interface CustomVjpRule<Args extends readonly unknown[], Result, Residuals> {
  /** The value, and what `backward` wants to know of the forward computation. */
  forward(...args: NoInfer<Args>): readonly [value: NoInfer<Result>, residuals: Residuals];
  /** The cotangents of the arguments, one per argument, from those of the value. */
  backward(residuals: NoInfer<Residuals>, cotangent: NoInfer<Result>): readonly [...Args];
}

/**
 * The function with another derivative: `fn` where nothing is differentiated, `rule` where something is. The
 * rule becomes part of the program, so it also holds for a graph that is differentiated after it was traced.
 * Values of enclosing traced functions must come in as arguments.
 *
 * @example const clipped = customVjp((x) => x, { forward: (x) => [x, []], backward: (_, g) => [clip(g, -1, 1)] })
 */
export function customVjp<Args extends readonly unknown[], Result, Residuals>(
  fn: (...args: Args) => Result,
  rule: CustomVjpRule<Args, Result, Residuals>,
): (...args: Args) => Result {
  return (...args) => {
    const flat = flattenTree(args, isValue, { op: "customVjp", argument: "the arguments" });
    const inputs = flat.leaves.map((leaf) => operand(leaf));
    const rebuild = (values: readonly Tensor[]): Args =>
      unflattenTree(flat.structure, values) as readonly unknown[] as Args;
    let structure = "";
    let residualStructure = "";
    const types = inputs.map(typeOf);
    const primal = closed(
      "the function",
      (...values) => {
        const result = flattenTree(fn(...rebuild(values)), isValue);
        structure = result.structure;
        return result.leaves.map((leaf) => operand(leaf));
      },
      types,
    );
    const forward = closed(
      "forward",
      (...values) => {
        const [value, residuals] = rule.forward(...rebuild(values));
        const result = flattenTree(value, isValue);
        if (result.structure !== structure)
          throw new TraceError(`customVjp: forward gives ${result.structure}, the function ${structure}`);
        const kept = flattenTree(residuals, isValue);
        residualStructure = kept.structure;
        return [...result.leaves, ...kept.leaves].map((leaf) => operand(leaf));
      },
      types,
    );
    const count = primal.outputs.length;
    checkTypes("the value of forward", outputTypes(forward).slice(0, count), outputTypes(primal));
    const made = outputTypes(forward);
    const backward = closed(
      "backward",
      (...values) => {
        const residuals = unflattenTree(residualStructure, values.slice(0, made.length - count)) as Residuals;
        const cotangent = unflattenTree(structure, values.slice(made.length - count)) as Result;
        const result = flattenTree(rule.backward(residuals, cotangent), isValue);
        if (result.structure !== flat.structure) {
          throw new TraceError(
            `customVjp: backward gives cotangents nested as ${result.structure}, expected ${flat.structure} as the arguments`,
          );
        }
        return result.leaves.map((leaf, i) => operand(leaf, (inputs[i] as Tensor).dtype));
      },
      [...made.slice(count), ...made.slice(0, count)],
    );
    const isDifferentiated = types.map(({ dtype }) => isFloat(dtype));
    const floats = (list: readonly ValueType[]): ValueType[] => list.filter((_, i) => isDifferentiated[i]);
    checkTypes("the cotangents of backward", floats(outputTypes(backward)), floats(types));
    const outputs = apply(programPrimitives.customVjp, inputs, { primal, forward, backward }, tools);
    return unflattenTree(structure, outputs) as Result;
  };
}

function outputTypes(graph: Graph): ValueType[] {
  return graph.outputs.map(({ value }) => graph.types[value] as ValueType);
}

/** A rule of other shapes or dtypes would give wrong derivatives in silence. */
function checkTypes(argument: string, found: readonly ValueType[], expected: readonly ValueType[]): void {
  const [is, wanted] = [found, expected].map((list) => list.map(formatType).join(", ")) as [string, string];
  if (is !== wanted) throw new ShapeError({ op: "customVjp", argument, expected: wanted, found: is });
}

function closed(part: string, fn: (...inputs: Tensor[]) => readonly Tensor[], types: readonly ValueType[]): Graph {
  const { graph, captures }: Captured = tools.capture(fn, types);
  if (captures.length === 0) return graph;
  throw new TraceError(`customVjp: ${part} uses a value of an enclosing traced function; pass it as an argument`);
}
