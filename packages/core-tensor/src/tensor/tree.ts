import { ArgumentError } from "./errors.ts";
import { type Tensor, isTensor } from "./tensor.ts";

/** Any nesting of arrays and plain objects with values of type `Leaf` at its ends. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> };

/** The same nesting with other leaves. */
export type MapTree<T, From, To> = T extends From
  ? To
  : T extends object
    ? { [K in keyof T]: MapTree<T[K], From, To> }
    : T;

/** A tree taken apart: leaves in order, a path for each, and what is needed to put it together again. */
export interface FlatTree<Leaf> {
  readonly leaves: readonly Leaf[];
  /** Keys from the root joined by dots, for example `"layers.0.weight"`; empty for a single leaf. */
  readonly paths: readonly string[];
  /** Two trees have the same nesting iff their structures are `===`. */
  readonly structure: string;
}

function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What a tree is to its user, for the message of an error. */
export interface TreePlace {
  /** The function that it was handed to. */
  readonly op: string;
  readonly argument: string;
  /** What its leaves should be. Default "a tensor". */
  readonly leaf?: string;
}

/** What was found in a tree instead of a leaf, with the usual remedy. */
function describe(node: unknown): string {
  if (node instanceof Promise) return "a Promise; await it (a traced function cannot be async)";
  if (ArrayBuffer.isView(node)) return `${node.constructor.name}; make a tensor of it with tensor()`;
  return node === null ? "null" : typeof node === "object" ? node.constructor.name : typeof node;
}

/**
 * Leaves of a tree in a fixed order: arrays by index, objects by sorted key (so that the order in which keys
 * were written does not matter). What `isLeaf` accepts is a leaf; anything else that is neither an array nor a
 * plain object is an ArgumentError that names its path.
 */
export function flattenTree<Leaf>(
  tree: unknown,
  isLeaf: (value: unknown) => value is Leaf,
  place?: TreePlace,
): FlatTree<Leaf> {
  const leaves: Leaf[] = [];
  const paths: string[] = [];
  const visit = (node: unknown, path: string): string => {
    if (isLeaf(node)) {
      leaves.push(node);
      paths.push(path);
      return "*";
    }
    const child = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
    if (Array.isArray(node)) return `[${node.map((value, index) => visit(value, child(index))).join(",")}]`;
    if (typeof node === "object" && node !== null && isPlainObject(node)) {
      const parts = Object.keys(node)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${visit(node[key], child(key))}`);
      return `{${parts.join(",")}}`;
    }
    const { op = "tree", argument = "the root", leaf = "a tensor" } = place ?? {};
    throw new ArgumentError({
      op,
      argument: path === "" ? argument : place === undefined ? path : `${argument}, ${path}`,
      expected: `${leaf}, an array or a plain object`,
      found: describe(node),
    });
  };
  const structure = visit(tree, "");
  return { leaves, paths, structure };
}

/** The tree with this structure and these leaves, in the order of `flattenTree`. */
export function unflattenTree<Leaf>(structure: string, leaves: readonly Leaf[]): Tree<Leaf> {
  let next = 0;
  const build = (shape: unknown): Tree<Leaf> => {
    if (shape === null) return leaves[next++] as Leaf;
    if (Array.isArray(shape)) return shape.map(build);
    // As in flattenTree: objects list keys such as "10" and "2" in numeric order, wherever they were written.
    const children = shape as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.keys(children)
        .sort()
        .map((key) => [key, build(children[key])]),
    );
  };
  // The structure is JSON but for its leaves; keys are quoted, so a bare * can only be a leaf.
  const skeleton: unknown = JSON.parse(
    structure.replace(/"(?:[^"\\]|\\.)*"|\*/g, (token) => (token === "*" ? "null" : token)),
  );
  const tree = build(skeleton);
  if (next !== leaves.length) throw new RangeError(`unflattenTree: expected ${next} leaves, got ${leaves.length}`);
  return tree;
}

/** Applies a function to every tensor of a tree; with several trees, to the tensors at the same places. */
export function mapTree<T, R>(fn: (leaf: Tensor, path: string) => R, tree: T): MapTree<T, Tensor, R> {
  const { leaves, paths, structure } = flattenTree(tree, isTensor);
  return unflattenTree(
    structure,
    leaves.map((leaf, i) => fn(leaf, paths[i] as string)),
  ) as MapTree<T, Tensor, R>;
}

/** As `mapTree` over trees of the same structure. Throws an ArgumentError when the structures differ. */
export function mapTrees<T, R>(fn: (...leaves: Tensor[]) => R, first: T, ...rest: readonly T[]): MapTree<T, Tensor, R> {
  const { leaves, structure } = flattenTree(first, isTensor);
  const others = rest.map((tree, index) => {
    const flat = flattenTree(tree, isTensor);
    if (flat.structure !== structure) {
      throw new ArgumentError({
        op: "mapTrees",
        argument: `tree ${index + 1}`,
        expected: structure,
        found: flat.structure,
      });
    }
    return flat.leaves;
  });
  const mapped = leaves.map((leaf, i) => fn(leaf, ...others.map((other) => other[i] as Tensor)));
  return unflattenTree(structure, mapped) as MapTree<T, Tensor, R>;
}

/** The tensors of a tree, in the order of `flattenTree`. */
export function treeLeaves(tree: unknown): readonly Tensor[] {
  return flattenTree(tree, isTensor).leaves;
}

/** Frees the device memory of every tensor of a tree. */
export function disposeTree(tree: unknown): void {
  for (const leaf of treeLeaves(tree)) leaf.dispose();
}

/** A flat list cut into pieces of these lengths. */
export function cutList<T>(list: readonly T[], lengths: readonly number[]): T[][] {
  let at = 0;
  return lengths.map((length) => {
    const piece = list.slice(at, at + length);
    at += length;
    return piece;
  });
}
