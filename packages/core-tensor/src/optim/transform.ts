import { type Tensor, isTensor } from "../tensor/tensor.ts";
import type { MapTree, Tree } from "../tensor/tree.ts";
import { flattenTree, mapTrees } from "../tensor/tree.ts";
import { add } from "../ops/index.ts";

/** State of a transformation: a tree of tensors, so that it can be carried through `jit` and `scan`. */
export type State = Tree<Tensor>;

/**
 * A step from gradients to updates, in the manner of optax: `init` makes the state for a tree of parameters,
 * `update` turns a tree of gradients into a tree of the same nesting. Both are pure and can be traced.
 */
export interface Transform<S extends State = State> {
  init<P>(params: P): S;
  /** `params` are the parameters before the step. */
  update<P>(updates: P, state: S, params: P): [updates: P, state: S];
}

/** Transformations one after the other; the state is the list of their states. */
export function chain(...transforms: readonly Transform[]): Transform<readonly State[]> {
  return {
    init: (params) => transforms.map((transform) => transform.init(params)),
    update(updates, state, params) {
      const next: State[] = [];
      let current = updates;
      transforms.forEach((transform, i) => {
        const [changed, own] = transform.update(current, state[i] as State, params);
        current = changed;
        next.push(own);
      });
      return [current, next];
    },
  };
}

/** Parameters after a step: `params + updates`, leaf by leaf. */
export function applyUpdates<P>(params: P, updates: P): P {
  return mapTrees((param, update) => add(param, update), params, updates) as P;
}

/** A transformation without state that works leaf by leaf. */
export function stateless(change: (update: Tensor, param: Tensor) => Tensor): Transform<readonly Tensor[]> {
  return {
    init: () => [],
    update: (updates, state, params) => [mapLeaves(change, updates, params), state],
  };
}

/** `mapTrees` for trees whose type stays the same. */
export function mapLeaves<P>(fn: (...leaves: Tensor[]) => Tensor, first: P, ...rest: readonly unknown[]): P {
  return mapTrees<unknown, Tensor>(fn, first, ...rest) as P & MapTree<P, Tensor, Tensor>;
}

/** Leaves of a tree that must hold tensors only. */
export function leavesOf(tree: unknown): readonly Tensor[] {
  return flattenTree(tree, isTensor).leaves;
}
