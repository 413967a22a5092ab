import { add } from "../ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Tree } from "../tensor/tree.ts";
import { mapLeaves, mapNamedLeaves } from "./leaves.ts";

/** State of a transformation: a tree of tensors and nothing else, so that `jit` and `scan` carry it, files keep it. */
export type State = Tree<Tensor>;

/**
 * A step from gradients to updates, in the manner of optax: `init` makes the state for a tree of parameters,
 * `update` turns a tree of gradients into a tree of the same nesting. Both are pure, run eagerly and can be traced.
 * A state belongs to the transformation that made it.
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
      let current = updates;
      const next = transforms.map((transform, i) => {
        const [changed, own] = transform.update(current, state[i] as State, params);
        current = changed;
        return own;
      });
      return [current, next];
    },
  };
}

/**
 * Parameters after a step: `params + updates`, leaf by leaf.
 *
 * @throws ArgumentError, ShapeError or DTypeError when the two trees do not fit together.
 */
export function applyUpdates<P>(params: P, updates: P): P {
  return mapLeaves("applyUpdates", (param, update) => add(param, update), params, updates);
}

/**
 * A transformation without state that works leaf by leaf. It is given the path of the leaf too, for example
 * `"layers.0.weight"`.
 *
 * @param name stands in the messages of errors.
 */
export function stateless(
  change: (update: Tensor, param: Tensor, path: string) => Tensor,
  name = "stateless",
): Transform<readonly []> {
  return {
    init: () => [],
    update: (updates, state, params) => [
      mapNamedLeaves(name, (path, update, param) => change(update as Tensor, param as Tensor, path), updates, params),
      state,
    ],
  };
}
