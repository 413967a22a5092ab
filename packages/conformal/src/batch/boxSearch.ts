import { betaBinomialLaw } from "../base/countLaw.ts";
import { allowedCount, allowedLoss, binomialCoefficient } from "./allowance.ts";
import { boxCount, boxError, boxProbability, exactBoxProbability, type RankBox } from "./boxLaw.ts";

/** The box that `smallestBox` found. */
export interface FoundBox {
  readonly box: RankBox;
  /** Its probability, at least `1 - alpha`. */
  readonly level: number;
}

interface Side {
  /** Which order statistic. */
  readonly i: number;
  readonly side: "lower" | "upper";
  /** The rank to let in next. */
  readonly rank: number;
  /** What the order statistic loses on this side as long as the rank is kept out. */
  readonly tail: number;
}

/**
 * The first box with probability at least `1 - alpha` along a path of boxes that starts with the medians of the single
 * ranks and widens by one rank at a time, always where one order statistic alone still loses most. The path is a
 * function of n, m and the positions only, not of any score, which is what keeps the bound valid; and since boxes are
 * nested along it, so are the bounds in alpha. The box is found by bisection.
 */
export function smallestBox(n: number, m: number, zetas: readonly number[], alpha: number): FoundBox {
  const path = widenings(n, m, zetas);
  let low = 0;
  let high = path.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isEnough(boxAfter(n, m, zetas, path, middle), alpha)) high = middle;
    else low = middle + 1;
  }
  const box = boxAfter(n, m, zetas, path, low);
  const level = boxProbability(box);
  // Where rounding may have put the level on the wrong side, the exact count is at hand or soon computed.
  return { box, level: isDoubtful(level, box, alpha) ? exactBoxProbability(box) : level };
}

function widenings(n: number, m: number, zetas: readonly number[]): Side[] {
  const sides = zetas.flatMap((zeta, i): Side[] => {
    const law = betaBinomialLaw(n, zeta, m - zeta + 1);
    const result: Side[] = [];
    let below = 0;
    for (let rank = 1; rank <= n + 1 && below + (law[rank - 1] as number) <= 0.5; rank++) {
      below += law[rank - 1] as number;
      result.push({ i, side: "lower", rank, tail: below });
    }
    let above = 0;
    for (let rank = n + 1; rank >= 1 && above + (law[rank - 1] as number) < 0.5; rank--) {
      above += law[rank - 1] as number;
      result.push({ i, side: "upper", rank, tail: above });
    }
    return result;
  });
  // Within a side tails fall as the path goes outward, so sorting keeps every box an interval of ranks.
  const outward = (s: Side): number => (s.side === "lower" ? -s.rank : s.rank);
  return sides.sort(
    (a, b) => b.tail - a.tail || a.i - b.i || (a.side === b.side ? outward(a) - outward(b) : a.side < b.side ? -1 : 1),
  );
}

function boxAfter(n: number, m: number, zetas: readonly number[], path: readonly Side[], steps: number): RankBox {
  const lower = zetas.map(() => 1);
  const upper = zetas.map(() => n + 1);
  // What isn't let in yet bounds the box.
  for (let s = steps; s < path.length; s++) {
    const { i, side, rank } = path[s] as Side;
    if (side === "lower") lower[i] = Math.max(lower[i] as number, rank + 1);
    else upper[i] = Math.min(upper[i] as number, rank - 1);
  }
  return { n, m, zetas, lower, upper };
}

function isEnough(box: RankBox, alpha: number): boolean {
  const probability = boxProbability(box);
  if (!isDoubtful(probability, box, alpha)) return 1 - probability <= allowedLoss(alpha);
  const total = binomialCoefficient(box.n + box.m, box.m);
  return total - boxCount(box) <= allowedCount(total, alpha);
}

function isDoubtful(probability: number, box: RankBox, alpha: number): boolean {
  return Math.abs(1 - probability - allowedLoss(alpha)) <= boxError(box);
}
