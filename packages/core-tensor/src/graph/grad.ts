import { materialize } from "../ops/derivatives/materialize.ts";
import { fullLike } from "../ops/movement/index.ts";
import { isValue, operand } from "../ops/operand.ts";
import { isFloat } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type FlatTree, cutList, flattenTree, unflattenTree } from "../tensor/tree.ts";
import { tools } from "./tools.ts";

type AnyFunction = (...args: never) => unknown;
/** The tree of an argument with a tensor for each value; numbers among the arguments stand for float32 scalars. */
type Cotangent<T> = T extends number | Tensor ? Tensor : T extends object ? { [K in keyof T]: Cotangent<T[K]> } : T;

/** The differentiated arguments, taken apart; every tensor among them must be a float. */
function flattenArguments(op: string, args: readonly unknown[], indices: readonly number[]): FlatTree<Tensor>[] {
  return indices.map((index) => {
    if (!(index in args))
      throw new ArgumentError({
        op,
        argument: "argument",
        expected: `an index below ${args.length}`,
        found: String(index),
      });
    const { leaves, paths, structure } = flattenTree(args[index], isValue, { op, argument: `argument ${index}` });
    const tensors = leaves.map((leaf, i) => {
      const value = operand(leaf);
      if (isFloat(value.dtype)) return value;
      const argument = `argument ${index}${paths[i] === "" ? "" : `, ${paths[i]}`}`;
      throw new DTypeError({ op, argument, expected: "a float dtype to differentiate in", found: value.dtype });
    });
    return { leaves: tensors, paths, structure };
  });
}

/** Flat tensors nested as the differentiated arguments are. */
function nest(trees: readonly FlatTree<Tensor>[], flat: readonly Tensor[]): unknown[] {
  const pieces = cutList(
    flat,
    trees.map(({ leaves }) => leaves.length),
  );
  return trees.map(({ structure }, i) => unflattenTree(structure, pieces[i] as Tensor[]));
}

/** The arguments with flat tensors at the places of the differentiated ones. */
function rebuild(
  args: readonly unknown[],
  indices: readonly number[],
  trees: readonly FlatTree<Tensor>[],
  flat: readonly Tensor[],
): unknown[] {
  const result = [...args];
  nest(trees, flat).forEach((value, i) => {
    result[indices[i] as number] = value;
  });
  return result;
}

/**
 * Value of a function at some arguments, and its vector-Jacobian product there: `pullback(cotangent)` gives one
 * cotangent tree per argument for a cotangent of the shape of the value.
 *
 * @example const { value, pullback } = vjp((x) => mul(x, x), tensor(3)); pullback(tensor(1))[0] // 6
 */
export function vjp<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  ...args: Args
): { value: Result; pullback: (cotangent: Result) => { [K in keyof Args]: Cotangent<Args[K]> } } {
  const indices = args.map((_, index) => index);
  const trees = flattenArguments("vjp", args, indices);
  const inputs = trees.flatMap(({ leaves }) => leaves);
  let structure = "";
  const { outputs, pull } = tools.vjp((...flat) => {
    const result = flattenTree(fn(...(rebuild(args, indices, trees, flat) as readonly unknown[] as Args)), isValue);
    structure = result.structure;
    return result.leaves.map((leaf) => operand(leaf));
  }, inputs);
  return {
    value: unflattenTree(structure, outputs) as Result,
    pullback(cotangent) {
      const flat = flattenTree(cotangent, isValue);
      if (flat.structure !== structure) {
        throw new ArgumentError({
          op: "vjp",
          argument: "cotangent",
          expected: `the nesting of the value, ${structure}`,
          found: flat.structure,
        });
      }
      const seeds = flat.leaves.map((leaf, i) => {
        const output = outputs[i] as Tensor;
        const seed = operand(leaf, output.dtype);
        if (formatShape(seed.shape) !== formatShape(output.shape)) {
          throw new ShapeError({
            op: "vjp",
            argument: "cotangent",
            expected: formatShape(output.shape),
            found: formatShape(seed.shape),
          });
        }
        return isFloat(output.dtype) ? seed : null;
      });
      const cotangents = pull(seeds).map((value, i) => materialize(value, inputs[i] as Tensor));
      return nest(trees, cotangents) as { [K in keyof Args]: Cotangent<Args[K]> };
    },
  };
}

export interface GradOptions {
  /** Which argument to differentiate in. Default 0. */
  readonly argument?: number;
  /** The function returns `[value, aux]`; aux is handed through without being differentiated. */
  readonly hasAux?: boolean;
}

type GradValue<Fn extends AnyFunction> = ReturnType<Fn>;
type ArgumentOf<Fn extends AnyFunction, Options extends GradOptions> = Options extends {
  argument: infer Index extends number;
}
  ? Parameters<Fn>[Index]
  : Parameters<Fn>[0];

/**
 * A function that gives `[fn(...args), gradient]`: the value, a scalar, and its gradient in one argument, as a
 * tree of that argument's shape. With `hasAux` it gives `[[value, aux], gradient]`.
 *
 * @throws ShapeError when the value is no scalar; DTypeError when something to differentiate in is no float.
 * @example const [loss, gradient] = valueAndGrad((w) => sum(mul(w, w)))(tensor([1, 2])) // 5, [2, 4]
 */
export function valueAndGrad<Fn extends AnyFunction, const Options extends GradOptions = GradOptions>(
  fn: Fn,
  options?: Options,
): (...args: Parameters<Fn>) => [value: GradValue<Fn>, gradient: Cotangent<ArgumentOf<Fn, Options>>] {
  const { argument = 0, hasAux = false } = options ?? {};
  const call = fn as (...args: readonly never[]) => unknown;
  const own = fn.name === "" ? "the function" : `"${fn.name}"`;
  return (...args) => {
    const trees = flattenArguments("grad", args, [argument]);
    const inputs = (trees[0] as FlatTree<Tensor>).leaves;
    let structure = "";
    let hasValue = false;
    const { outputs, pull } = tools.vjp((...flat) => {
      const result = call(...(rebuild(args, [argument], trees, flat) as never[]));
      const { leaves, structure: nesting } = flattenTree(result, isValue, {
        op: "grad",
        argument: `the result of ${own}`,
      });
      structure = nesting;
      hasValue = hasAux ? Array.isArray(result) && result.length === 2 && isValue(result[0]) : isValue(result);
      return leaves.map((leaf) => operand(leaf));
    }, inputs);
    const value = outputs[0];
    if (!hasValue || value === undefined || value.rank !== 0 || !isFloat(value.dtype)) {
      throw new ShapeError({
        op: "grad",
        argument: `the result of ${own}`,
        expected: hasAux ? "[float scalar, aux]" : "a float scalar",
        found:
          !hasValue || value === undefined ? `the nesting ${structure}` : `${value.dtype} ${formatShape(value.shape)}`,
      });
    }
    const gradient = pull([fullLike(value, 1)]).map((cotangent, i) => materialize(cotangent, inputs[i] as Tensor));
    return [
      unflattenTree(structure, outputs) as GradValue<Fn>,
      nest(trees, gradient)[0] as Cotangent<ArgumentOf<Fn, Options>>,
    ];
  };
}

/** As `valueAndGrad`, without the value. With `hasAux` it gives `[gradient, aux]`. */
export function grad<Fn extends AnyFunction, const Options extends GradOptions = GradOptions>(
  fn: Fn,
  options?: Options,
): (
  ...args: Parameters<Fn>
) => Options extends { hasAux: true }
  ? [Cotangent<ArgumentOf<Fn, Options>>, unknown]
  : Cotangent<ArgumentOf<Fn, Options>> {
  const both = valueAndGrad(fn, options);
  return (...args) => {
    const [value, gradient] = both(...args);
    const result = options?.hasAux === true ? [gradient, (value as readonly unknown[])[1]] : gradient;
    return result as ReturnType<ReturnType<typeof grad<Fn, Options>>>;
  };
}
