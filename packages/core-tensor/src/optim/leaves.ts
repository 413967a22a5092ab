/** What the transformations have in common: walks over trees, and the dtype that running sums are kept in. */
import { cast, zerosLike } from "../ops/index.ts";
import { plainShape } from "../ops/traced.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { flattenTree, unflattenTree } from "../tensor/tree.ts";

/**
 * Applies a function to the tensors at the same places of several trees; the result is a tree like the first.
 *
 * @throws ArgumentError when the nesting differs, ShapeError when two tensors at one place differ in shape.
 */
export function mapLeaves<P>(
  op: string,
  fn: (...leaves: Tensor[]) => Tensor,
  first: P,
  ...rest: readonly unknown[]
): P {
  return mapNamedLeaves(op, (_path, ...leaves) => fn(...leaves), first, ...rest);
}

/** As `mapLeaves`; the function sees the path too, for example `"layers.0.weight"`. */
export function mapNamedLeaves<P>(
  op: string,
  fn: (path: string, ...leaves: Tensor[]) => Tensor,
  first: P,
  ...rest: readonly unknown[]
): P {
  const { leaves, paths, structure } = flattenTree(first, isTensor);
  const others = rest.map((tree) => {
    const flat = flattenTree(tree, isTensor);
    if (flat.structure === structure) return flat.leaves;
    throw new ArgumentError({
      op,
      argument: "trees",
      expected: `the nesting ${structure} in each`,
      found: flat.structure,
    });
  });
  const mapped = leaves.map((leaf, i) => {
    const path = paths[i] as string;
    const group = [leaf, ...others.map((other) => other[i] as Tensor)];
    const shapes = group.map(({ shape }) => formatShape(plainShape(shape)));
    if (new Set(shapes).size > 1) {
      const argument = path === "" ? "trees" : path;
      throw new ShapeError({ op, argument, expected: "one shape in all trees", found: shapes.join(" and ") });
    }
    return fn(path, ...group);
  });
  const result: unknown = unflattenTree(structure, mapped);
  return result as P;
}

/** The dtype that sums over steps are kept in: float16 and bfloat16 would lose small squares and small changes. */
export function wideDType(dtype: DType): DType {
  return dtype === "float64" ? "float64" : "float32";
}

/** The value in its `wideDType`. */
export function widen(value: Tensor): Tensor {
  return cast(value, wideDType(value.dtype));
}

/** Zeros for every parameter, in its `wideDType`. Throws a DTypeError for a parameter that is no float. */
export function wideZeros<P>(op: string, params: P): P {
  return mapNamedLeaves(
    op,
    (path, param) => {
      if (isFloat(param.dtype)) return zerosLike(param, { dtype: wideDType(param.dtype) });
      throw new DTypeError({ op, argument: `parameter ${path}`, expected: "a float dtype", found: param.dtype });
    },
    params,
  );
}

/** One scalar per dtype, made when it is first asked for. */
export function perDType(make: (dtype: DType) => Tensor): (dtype: DType) => Tensor {
  const made = new Map<DType, Tensor>();
  return (dtype) => {
    const known = made.get(dtype);
    if (known !== undefined) return known;
    const value = make(dtype);
    made.set(dtype, value);
    return value;
  };
}
