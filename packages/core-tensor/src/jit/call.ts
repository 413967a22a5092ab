import { type NamedType, type Traced, traceInputs } from "../graph/trace.ts";
import { typeOf } from "../ops/apply.ts";
import { isValue } from "../ops/operand.ts";
import type { ValueType } from "../ops/program.ts";
import { isTraced } from "../ops/traced.ts";
import { type Dim, isSymbol } from "../tensor/dims.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { type FlatTree, flattenTree, unflattenTree } from "../tensor/tree.ts";

/** Values that are part of the program instead of its inputs: another value means another program. */
type Static = string | boolean | null | undefined;
type Leaf = Tensor | number | Static;

/** From axis to the name of its dimension. */
export type DynamicAxes = Readonly<Record<number, string>>;

/** A call of a jitted function, taken apart. */
export interface Call {
  /** Names its program: equal for calls that one program serves. */
  readonly key: string;
  /** The values of the program's inputs. */
  readonly feeds: Readonly<Record<string, Tensor | number>>;
  trace(): Traced;
}

const isStatic = (value: unknown): value is Static =>
  typeof value === "string" || typeof value === "boolean" || value === null || value === undefined;
const isLeaf = (value: unknown): value is Leaf => isValue(value) || isStatic(value);

/** Takes the arguments of a call apart: what goes in, under which names, and the key of its program. */
export function readCall<Args extends readonly unknown[]>(
  fn: (...args: Args) => unknown,
  args: Args,
  dynamicAxes: readonly (DynamicAxes | undefined)[],
): Call {
  const name = fn.name || "jit";
  const feeds: Record<string, Tensor | number> = {};
  const inputs: NamedType[] = [];
  const trees = args.map((arg, index) => {
    const tree = flattenArgument(name, arg, index);
    tree.leaves.forEach((leaf, i) => {
      if (isStatic(leaf)) return;
      const place = placeOf(index, tree.paths[i] as string);
      feeds[place] = leaf;
      inputs.push({ name: place, ...inputType(name, place, leaf, dynamicAxes[index]) });
    });
    return tree;
  });
  const statics = (leaf: Leaf): string => (isStatic(leaf) ? `${typeof leaf} ${leaf}` : "");
  return {
    key: JSON.stringify([trees.map(({ structure, leaves }) => [structure, leaves.map(statics)]), inputs]),
    feeds,
    trace: () =>
      traceInputs(name, inputs, (values) => {
        let at = 0;
        const rebuilt: unknown[] = trees.map(({ structure, leaves }) =>
          unflattenTree<unknown>(
            structure,
            leaves.map((leaf) => (isStatic(leaf) ? leaf : values[at++])),
          ),
        );
        return fn(...(rebuilt as readonly unknown[] as Args));
      }),
  };
}

/** Is there a traced value anywhere among the leaves of an argument? */
export function holdsTraced(arg: unknown): boolean {
  if (isTensor(arg)) return isTraced(arg);
  return typeof arg === "object" && arg !== null && Object.values(arg).some(holdsTraced);
}

function placeOf(index: number, path: string): string {
  return path === "" ? `arg${index}` : `arg${index}.${path}`;
}

function flattenArgument(op: string, arg: unknown, index: number): FlatTree<Leaf> {
  try {
    return flattenTree(arg, isLeaf);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const argument = `argument ${index}${error.argument === "the root" ? "" : `, ${error.argument}`}`;
    const expected = "tensors, numbers, strings, booleans, null or undefined in arrays and plain objects";
    throw new ArgumentError({ op, argument, expected, found: error.found ?? "something else" });
  }
}

function inputType(op: string, place: string, leaf: Tensor | number, axes: DynamicAxes | undefined): ValueType {
  if (!isTensor(leaf)) return { dtype: "float32", shape: [] };
  const { dtype, shape } = typeOf(leaf);
  const named: Dim[] = [...shape];
  for (const [axis, dim] of Object.entries(axes ?? {})) {
    const at = Number(axis);
    if (!Number.isInteger(at) || at < 0 || at >= shape.length) {
      throw new ArgumentError({
        op,
        argument: `dynamicAxes of ${place}`,
        expected: `axes in [0, ${shape.length})`,
        found: axis,
      });
    }
    if (!isSymbol(dim)) {
      throw new ArgumentError({
        op,
        argument: `dynamicAxes of ${place}`,
        expected: "a name such as batch",
        found: JSON.stringify(dim),
      });
    }
    named[at] = dim;
  }
  return { dtype, shape: named };
}
