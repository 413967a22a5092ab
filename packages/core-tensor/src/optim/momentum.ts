import { add, cast, mul } from "../ops/index.ts";
import { checkDecay } from "./check.ts";
import { mapLeaves, wideZeros, widen } from "./leaves.ts";
import type { State, Transform } from "./transform.ts";

export interface MomentumOptions {
  /** Look ahead by one step (Nesterov 1983, in the form of Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean;
}

/** A tree like the parameters; float32 where they are float16 or bfloat16. */
export type MomentumState = { readonly velocity: State };

/**
 * A running sum of updates that forgets: `velocity = decay * velocity + update`. Gives the velocity, or with
 * `nesterov` the velocity that the same update would give once more, `update + decay * velocity`.
 *
 * @param decay share of the velocity that is kept, in [0, 1).
 */
export function momentum(decay: number, { nesterov = false }: MomentumOptions = {}): Transform<MomentumState> {
  const op = "momentum";
  checkDecay(op, "decay", decay);
  return {
    init: (params) => ({ velocity: wideZeros<unknown>(op, params) as State }),
    update(updates, state) {
      const velocity = mapLeaves(
        op,
        (before, update) => add(mul(before, decay), widen(update)),
        state.velocity,
        updates,
      );
      const result = mapLeaves(
        op,
        (update, v) => cast(nesterov ? add(widen(update), mul(v, decay)) : v, update.dtype),
        updates,
        velocity,
      );
      return [result, { velocity }];
    },
  };
}
