import { vjp } from "../../graph/grad.ts";
import { cast } from "../../ops/index.ts";
import { isValue, operand } from "../../ops/operand.ts";
import { isFloat } from "../../tensor/dtype.ts";
import { CoreTensorError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { flattenTree, unflattenTree } from "../../tensor/tree.ts";

export interface GradientOptions {
  /** Step of the differences, relative to elements beyond 1. Default 1e-5: truncation and rounding balance in float64. */
  readonly eps?: number;
  /** Allowed difference, relative to derivatives beyond 1. Default 1e-6. */
  readonly rtol?: number;
}

/** What `checkGradient` and the gradient laws found. */
export interface GradientVerdict {
  readonly holds: boolean;
  /** One sentence: which derivative is wrong and by how much, or how many were compared. */
  readonly message: string;
}

/** Was thrown by `assertGradient`. */
export class GradientError extends CoreTensorError {
  override name = "GradientError";
}

/** Throws a GradientError with the verdict's message unless it holds. */
export function assertGradient(verdict: GradientVerdict): void {
  if (!verdict.holds) throw new GradientError(verdict.message);
}

/** A function over flat lists of float64 tensors. */
export type FlatFunction = (...inputs: Tensor[]) => readonly Tensor[];

/**
 * Does `vjp` of a function agree with central differences? The function takes and returns trees of tensors and is
 * evaluated in float64, whatever the dtype of the arguments: cast inside it would hide errors. Arguments that are no
 * floats are held fixed. Choose points away from kinks.
 *
 * @example checkGradient((x) => sum(exp(x)), [tensor([0, 1])]).holds // true
 */
export function checkGradient(
  fn: (...args: never) => unknown,
  args: readonly unknown[],
  options: GradientOptions = {},
): GradientVerdict {
  const { leaves, structure } = flattenTree(args, isValue);
  const inputs = leaves.map((leaf) => {
    const value = operand(leaf);
    return (isFloat(value.dtype) ? cast(value, "float64") : value) as HostTensor;
  });
  const call = fn as unknown as (...values: readonly unknown[]) => unknown;
  const flat: FlatFunction = (...values) => {
    const result = call(...(unflattenTree(structure, values) as unknown as readonly unknown[]));
    return flattenTree(result, isValue).leaves.map((leaf) => operand(leaf));
  };
  return compareWithDifferences(flat, inputs, options);
}

/** Compares the pullback of a fixed cotangent with central differences in every element of every float input. */
export function compareWithDifferences(
  fn: FlatFunction,
  inputs: readonly HostTensor[],
  options: GradientOptions = {},
): GradientVerdict {
  const { eps = 1e-5, rtol = 1e-6 } = options;
  const outputs = fn(...inputs) as readonly HostTensor[];
  const cotangents = outputs.map((output, i) => weightsFor(output, i));
  const gradients = pullback(fn, inputs, cotangents);
  const objective = (values: readonly HostTensor[]): number =>
    contract(fn(...values) as readonly HostTensor[], cotangents);
  let compared = 0;
  for (const [at, input] of inputs.entries()) {
    const gradient = gradients[at];
    if (!isFloat(input.dtype) || gradient === undefined) continue;
    const values = Float64Array.from(input.dataSync() as Float64Array);
    const found = gradient.dataSync() as Float64Array;
    for (let i = 0; i < values.length; i++) {
      const own = values[i] as number;
      const step = eps * Math.max(1, Math.abs(own));
      const shifted = (by: number): number =>
        objective(inputs.with(at, fromLanes("float64", input.shape, values.with(i, own + by))));
      const expected = (shifted(step) - shifted(-step)) / (2 * step);
      compared++;
      if (!(Math.abs((found[i] as number) - expected) <= rtol * Math.max(1, Math.abs(expected)))) {
        const where = `the derivative in input ${at}, element ${i} (= ${own})`;
        return { holds: false, message: `${where} is ${found[i]}, central differences give ${expected}` };
      }
    }
  }
  return { holds: true, message: `${compared} derivatives agree with central differences` };
}

/** Cotangents of the inputs for given cotangents of the outputs. */
export function pullback(
  fn: FlatFunction,
  inputs: readonly Tensor[],
  cotangents: readonly Tensor[],
): (HostTensor | undefined)[] {
  const floats = inputs.flatMap((input, at) => (isFloat(input.dtype) ? [at] : []));
  const inner = (own: readonly Tensor[]): readonly Tensor[] => {
    const all = [...inputs];
    floats.forEach((at, i) => (all[at] = own[i] as Tensor));
    return fn(...all);
  };
  const { pullback: pull } = vjp(
    inner,
    floats.map((at) => inputs[at] as Tensor),
  );
  const [pulled] = pull(cotangents);
  return inputs.map((_, at) => (floats.includes(at) ? (pulled[floats.indexOf(at)] as HostTensor) : undefined));
}

/** A cotangent without a pattern that a derivative could cancel against; zeros for outputs that are no floats. */
export function weightsFor(output: Tensor, salt: number): HostTensor {
  const lanes = Float64Array.from({ length: output.size }, (_, i) =>
    isFloat(output.dtype) ? 1 + Math.sin(3 * i + salt + 1) : 0,
  );
  return fromLanes(output.dtype, output.shape, isFloat(output.dtype) ? lanes : Array.from(lanes));
}

function contract(outputs: readonly HostTensor[], cotangents: readonly HostTensor[]): number {
  let total = 0;
  outputs.forEach((output, at) => {
    if (!isFloat(output.dtype)) return;
    const values = output.dataSync() as Float64Array;
    const weights = (cotangents[at] as HostTensor).dataSync() as Float64Array;
    for (let i = 0; i < values.length; i++) total += (values[i] as number) * (weights[i] as number);
  });
  return total;
}
