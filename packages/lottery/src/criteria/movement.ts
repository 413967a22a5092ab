import type { Mask } from "../mask/mask.ts";
import type { Scores } from "../mask/scores.ts";
import { companionValues, scoreWeights } from "./scoreWeights.ts";

export interface MovementOptions {
  /** What this function gave at the steps before. Default: this is the first step. */
  readonly accumulated?: Scores;
}

/**
 * One step of the movement score: what was accumulated, minus w g. A weight that descent moves away from zero gains, one that
 * moves towards it loses, however large it is (Sanh et al. 2020, without the constant learning rate of the scores).
 *
 * Call it at each step with the parameters before the step and the gradient there. The paper lets masked weights come
 * back through gradients that go straight through the mask; here masked weights stay masked and score 0.
 *
 * @param params w, a tree of float tensors
 * @param gradients g, the gradient of the loss: a tree of the same names
 * @throws LotteryError E_MASK, E_PARAMETERS when the trees and the mask do not fit; E_NON_FINITE for a sum that is not finite.
 */
export function movement(params: unknown, gradients: unknown, mask: Mask, options: MovementOptions = {}): Scores {
  const gradientOf = companionValues("movement: gradients", gradients, mask);
  const { accumulated } = options;
  const before = accumulated === undefined ? undefined : companionValues("movement: accumulated", accumulated, mask);
  return scoreWeights("movement", params, mask, (weights, kept, scores, name) => {
    const gradient = gradientOf(name);
    const earlier = before?.(name);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 1) scores[i] = (earlier?.[i] ?? 0) - (weights[i] as number) * (gradient[i] as number);
    }
  });
}

/**
 * |w after| - |w before|: how far each weight moved away from zero over a whole training ("magnitude increase" of Zhou et al.
 * 2019). For one step of plain gradient descent without a change of sign it is the step's movement score times rate / |w|.
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when the trees and the mask do not fit; E_NON_FINITE for a weight that is not finite.
 */
export function magnitudeIncrease(before: unknown, after: unknown, mask: Mask): Scores {
  const startOf = companionValues("magnitudeIncrease: before", before, mask);
  return scoreWeights("magnitudeIncrease", after, mask, (weights, kept, scores, name) => {
    const start = startOf(name);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 1) scores[i] = Math.abs(weights[i] as number) - Math.abs(start[i] as number);
    }
  });
}

/**
 * |w after - w before|: how far each weight moved, in whatever direction (what Zhou et al. 2019 call "movement").
 *
 * @throws LotteryError E_MASK, E_PARAMETERS when the trees and the mask do not fit; E_NON_FINITE for a weight that is not finite.
 */
export function distanceMoved(before: unknown, after: unknown, mask: Mask): Scores {
  const startOf = companionValues("distanceMoved: before", before, mask);
  return scoreWeights("distanceMoved", after, mask, (weights, kept, scores, name) => {
    const start = startOf(name);
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] === 1) scores[i] = Math.abs((weights[i] as number) - (start[i] as number));
    }
  });
}
