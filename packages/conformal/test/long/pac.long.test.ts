import { afterAll, test } from "vitest";
import { conformalQuantile } from "../../src/index.ts";
import {
  type CostTree,
  type PlainTree,
  type PruneMode,
  type TreeExample,
  calibrateTreeSets,
  nodeCosts,
  pacThreshold,
  plainTreeAdapter,
  treeErrors,
} from "../../src/tree/index.ts";
import { binomialCdf } from "../../src/base/binomial.ts";
import { binomialTailK } from "../../src/quantile/pac.ts";
import { type Draw, many, simulations } from "./simulation.ts";

const { holds, fails, save } = simulations("pac");
afterAll(save);

test("thresholds", () => {
  for (const [n, alpha, delta] of [
    [29, 0.1, 0.05],
    [100, 0.1, 0.05],
    [60, 0.3, 0.2],
  ] as const) {
    // The error rate of a threshold t on a uniform score is 1 - t; it is too large with probability exactly 1 - level.
    const misled = binomialCdf(binomialTailK(n, alpha, delta) as number, n, alpha);
    holds(`PAC threshold, n = ${n}, error rate ${alpha} exceeded`, { atLeast: misled, atMost: misled }, (draw) => {
      return 1 - pacThreshold(many(n, draw), alpha, delta).value > alpha;
    });
    holds(`PAC threshold, n = ${n}, ties`, { atMost: delta }, (draw) => {
      // The law of ceil(20 u): P(score > t) = 1 - t / 20.
      const { value } = pacThreshold(
        many(n, () => Math.ceil(20 * draw())),
        alpha,
        delta,
      );
      return 1 - value / 20 > alpha + 1e-12;
    });
    fails(`split conformal threshold, n = ${n}`, { atMost: delta }, (draw) => {
      return 1 - conformalQuantile(many(n, draw), alpha).value > alpha;
    });
  }
});

const costs = new Map<PlainTree, number>();
function node(label: string, cost: number, ...children: PlainTree[]): PlainTree {
  const made = { label, children };
  costs.set(made, cost);
  return made;
}
const costTree = (tree: PlainTree): CostTree<PlainTree> =>
  nodeCosts(tree, (each) => costs.get(each) as number, plainTreeAdapter);
function wrongAt(tree: CostTree<PlainTree>, ...labels: readonly string[]): PlainTree {
  const copy = ({ label, children = [] }: PlainTree): PlainTree => ({
    label: labels.includes(label) ? `not ${label}` : label,
    children: children.map(copy),
  });
  return copy(tree.nodes[0] as PlainTree);
}
const one = costTree(node("a", 0.1, node("b", 0.4, node("c", 0.8)), node("d", 0.2)));
const two = costTree(node("r", 0.2, node("s", 0.3, node("t", 0.5)), node("v", 0.7)));
/** A law of predictions whose costs have little to do with what is right. */
const population: readonly TreeExample<PlainTree>[] = [
  { predicted: one, target: wrongAt(one) },
  { predicted: one, target: wrongAt(one, "d") },
  { predicted: two, target: wrongAt(two, "v") },
  { predicted: two, target: wrongAt(two, "s", "t") },
];
const budgets = [0.1, 0.6, 1.2];

test.each(["sequential", "fixed-sequence"] as const)("trees, %s", (mode: PruneMode) => {
  const options = { budgets, maxHoles: 1, mode };
  const wrong = treeErrors(population, options);
  const rates = budgets.map((_, b) => wrong.reduce((sum, errors) => sum + (errors[b] as number) / 4, 0));
  // The hardest alpha is just below an error rate that the family has.
  const alpha = Math.max(...rates.filter((rate) => rate < 1)) - 1e-9;
  const delta = 0.3;
  const draws = (draw: Draw) => many(6, () => population[Math.floor(4 * draw())] as TreeExample<PlainTree>);
  const isWrong = (budget: number | null) => budget !== null && (rates[budgets.indexOf(budget)] as number) > alpha;
  holds(`tree sets, ${mode}`, { atMost: delta }, (draw) =>
    isWrong(calibrateTreeSets({ examples: draws(draw), alpha, delta, ...options }).budget),
  );
  fails(`tree sets, ${mode}, by the share of errors itself`, { atMost: delta }, (draw) => {
    const examples = draws(draw).map((example) => wrong[population.indexOf(example)] as Uint8Array);
    const passing = budgets.filter((_, b) => examples.filter((errors) => errors[b] === 1).length <= 6 * (alpha + 1e-9));
    return isWrong(passing.at(-1) ?? null);
  });
});
