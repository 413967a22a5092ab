import type { BucketTree } from "./bucketTree.ts";
import type { Component } from "./components.ts";
import { leavesOf, ratio, ratioMargin } from "./intervalBounds.ts";
import { type Workspace, passMessages } from "./messagePassing.ts";
import { type Interval, oddsInterval } from "./oddsInterval.ts";

/**
 * The two sides of an attractive component: concepts of one side pull each other up, concepts of different sides pull
 * each other down. undefined when the rules are not of that kind.
 *
 * The logarithm of the factor of `a => b` is `-weight * a + weight * a * b`: a pull between two concepts, towards each
 * other when the weight is positive. If sides can be found such that all pulls agree with them (always, and all on one
 * side, for weights >= 0), then after exchanging true and false on one side all pulls are positive. Covariances are
 * then >= 0 whatever the raw probabilities are (Fortuin, Kasteleyn, Ginibre 1971), and a covariance is the derivative
 * of one concept's corrected probability in the other's raw log-odds. A body of several concepts is no such pull.
 */
export function attractiveSides({ concepts, rules }: Component): Int8Array | undefined {
  if (rules.some(({ body }) => body.length > 1)) return undefined;
  const pulls = concepts.map((): { other: number; sign: number }[] => []);
  for (const { body, head, weight } of rules) {
    const from = body[0] as number;
    const sign = weight > 0 ? 1 : -1;
    pulls[from]?.push({ other: head, sign });
    pulls[head]?.push({ other: from, sign });
  }
  const sides = new Int8Array(concepts.length);
  sides[0] = 1;
  const queue = [0];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const { other, sign } of pulls[next] as { other: number; sign: number }[]) {
      const wanted = sign * (sides[next] as number);
      if (sides[other] === -wanted) return undefined;
      if (sides[other] === 0) {
        sides[other] = wanted;
        queue.push(other);
      }
    }
  }
  return sides;
}

/**
 * The exact range of every corrected probability of an attractive component over a box, from two runs: a concept is
 * lowest where its own side is at the lower ends and the other side at the upper ends, and highest at the opposite
 * corner. Any number of concepts.
 *
 * @returns undefined when hard rules forbid one of the two corners
 */
export function attractiveBounds(
  tree: BucketTree,
  sides: Int8Array,
  lower: Float64Array,
  upper: Float64Array,
  workspace: Workspace,
): Interval[] | undefined {
  const corners = [1, -1].map((side) => {
    const corner = lower.map((low, k) => (sides[k] === side ? low : (upper[k] as number)));
    const leaves = leavesOf(tree, corner);
    const results = new Float64Array(2 * tree.size);
    passMessages(tree, leaves, leaves, workspace, results);
    return { corner, results, margin: ratioMargin(tree, [leaves]) };
  });
  const intervals: Interval[] = [];
  for (let k = 0; k < lower.length; k++) {
    const [low, high] = (sides[k] === 1 ? corners : corners.toReversed()).map(({ corner, results, margin }) => {
      const odds = ratio(tree, results[2 * k + 1] as number, results[2 * k] as number);
      return Number.isNaN(odds)
        ? undefined
        : oddsInterval(corner[k] as number, corner[k] as number, odds, odds, margin);
    });
    if (low === undefined || high === undefined) return undefined;
    intervals.push({ lower: low.lower, upper: high.upper });
  }
  return intervals;
}
