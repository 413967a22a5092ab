import fc from "fast-check";
import { expect, test } from "vitest";
import { pruneFamily, pruneTree } from "@parsimony/conformal/tree";
import { codeOf } from "../codeOf.ts";
import { goldenTree } from "./golden.ts";
import { knapsack } from "./knapsack.ts";
import { type RandomTree, holesOf, parentsFrom, rootedMasks, treeArbitrary } from "./randomTrees.ts";
import { reference } from "./reference.ts";

const budgetOf = (tau: number): number => -Math.log(tau);

test("the worked example", () => {
  const pruned = (maxHoles: number, tau: number): [number, number] => {
    const { count, cost } = pruneTree(goldenTree, { budget: budgetOf(tau), maxHoles });
    return [count, Number(cost.toFixed(12))];
  };
  expect(pruned(1, 0.1)).toEqual([6, 2.2]);
  for (const tau of [0.3, 0.5, 0.8, 0.9]) expect(pruned(1, tau)).toEqual([0, 0]);
  expect([0.1, 0.3, 0.5, 0.8].map((tau) => pruned(2, tau))).toEqual([
    [7, 2],
    [4, 0.9],
    [2, 0.65],
    [0, 0],
  ]);
  expect([0.1, 0.3, 0.5, 0.8, 0.9].map((tau) => pruned(3, tau))).toEqual([
    [7, 2],
    [5, 0.7],
    [3, 0.3],
    [1, 0.05],
    [1, 0.05],
  ]);
  // m = 1, tau = .1 takes out the subtree of b.
  const { holes, kept } = pruneTree(goldenTree, { budget: budgetOf(0.1), maxHoles: 1 });
  expect(holes.map((hole) => goldenTree.labels[hole])).toEqual(["b"]);
  expect([...kept]).toEqual([1, 0, 0, 0, 1, 1, 1, 1, 1]);
});

interface Best {
  weight: number;
  cost: number;
  holes: number;
}

/** The whole tree if it fits, else the best part that stays together at the root. Costs are multiples of 1/8: exact. */
function exhaustive({ parents, costs }: RandomTree, budget: number, maxHoles: number, weights?: number[]): Best {
  let best: Best = { weight: -1, cost: 0, holes: 0 };
  for (const mask of rootedMasks(parents)) {
    const holes = holesOf(parents, mask);
    if (holes > maxHoles) continue;
    let cost = 0;
    let weight = 0;
    for (let i = 0; i < parents.length; i++) {
      if (!(mask & (1 << i))) continue;
      cost += costs[i] as number;
      weight += weights?.[i] ?? 1;
    }
    if (cost > budget) continue;
    if (holes === 0) return { weight, cost, holes };
    const wins =
      weight !== best.weight ? weight > best.weight : cost !== best.cost ? cost < best.cost : holes < best.holes;
    if (wins) best = { weight, cost, holes };
  }
  return best;
}

/** Many ties, free nodes and impossible ones. */
const cost = fc.oneof(
  { weight: 8, arbitrary: fc.nat(16).map((eighths) => eighths / 8) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(Infinity) },
);
const budget = fc.oneof({ weight: 9, arbitrary: fc.nat(64).map((eighths) => eighths / 8) }, fc.constant(Infinity));

test("equals exhaustive search: the whole if it fits, else most weight, then least cost, then fewest holes", () => {
  fc.assert(
    fc.property(
      treeArbitrary(10, cost),
      budget,
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.array(fc.nat(3), { minLength: 10, maxLength: 10 }), { nil: undefined }),
      (tree, b, maxHoles, drawn) => {
        const weights = drawn?.slice(0, tree.parents.length);
        const pruned = pruneTree(tree, { budget: b, maxHoles, ...(weights === undefined ? {} : { weights }) });
        const { weight, cost: least, holes } = exhaustive(tree, b, maxHoles, weights);
        expect([pruned.weight, pruned.cost, pruned.holes.length]).toEqual([weight, least, holes]);
      },
    ),
    { numRuns: 1000 },
  );
});

test("equals the textbook tree knapsack on larger trees", () => {
  fc.assert(
    fc.property(treeArbitrary(60, cost), fc.nat(40), fc.integer({ min: 1, max: 5 }), (tree, share, maxHoles) => {
      const total = tree.costs.reduce((sum, c) => (c < Infinity ? sum + c : sum), 0);
      const b = (share * total) / 32;
      const { count, cost: least } = pruneTree(tree, { budget: b, maxHoles });
      expect([count, least]).toEqual(knapsack(tree, b, maxHoles));
    }),
    { numRuns: 200 },
  );
});

test("what is kept stays together, within budget and holes, and grows with both", () => {
  const finite = fc.double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    fc.property(treeArbitrary(40, finite), finite, finite, fc.integer({ min: 1, max: 5 }), (tree, a, b, maxHoles) => {
      const pruned = pruneTree(tree, { budget: a, maxHoles });
      expect(pruned.cost).toBeLessThanOrEqual(a + 1e-9);
      expect(pruned.holes.length).toBeLessThanOrEqual(maxHoles);
      const { kept } = pruned;
      expect(tree.parents.every((parent, i) => parent < 0 || !kept[i] || kept[parent] === 1)).toBe(true);
      const edges = tree.parents.flatMap((parent, i) => (!kept[i] && (parent < 0 || kept[parent]) ? [i] : []));
      expect(pruned.holes).toEqual(edges);
      expect(pruneTree(tree, { budget: Math.max(a, b), maxHoles }).count).toBeGreaterThanOrEqual(pruned.count);
      expect(pruneTree(tree, { budget: a, maxHoles: maxHoles + 1 }).count).toBeGreaterThanOrEqual(pruned.count);
    }),
    { numRuns: 200 },
  );
});

test("sequential families are nested, and each member is best inside the next", () => {
  let notNested = 0;
  const budgets = [4, 0.5, 1, 2, 3, 1, 0, Infinity];
  fc.assert(
    fc.property(treeArbitrary(9, cost), fc.integer({ min: 1, max: 3 }), (tree, maxHoles) => {
      const family = pruneFamily(tree, budgets, { maxHoles });
      const own = pruneFamily(tree, budgets, { maxHoles, mode: "fixed-sequence" });
      const order = budgets
        .map((_, b) => b)
        .sort((a, b) => (budgets[a] === budgets[b] ? 0 : budgets[a]! - budgets[b]!));
      for (const [place, b] of order.entries()) {
        const larger = order[place + 1];
        expect(own[b]).toEqual(pruneTree(tree, { budget: budgets[b] as number, maxHoles }));
        const { kept, holes, count, cost: spent } = family[b]!;
        expect(holes.length).toBeLessThanOrEqual(maxHoles);
        expect(spent).toBeLessThanOrEqual(budgets[b] as number);
        if (larger === undefined) expect(family[b]).toEqual(own[b]);
        else {
          const inside = family[larger]!.kept;
          expect(kept.every((k, i) => !k || inside[i] === 1)).toBe(true);
          if (own[b]!.kept.some((k, i) => k && !own[larger]!.kept[i])) notNested++;
          const parts = rootedMasks(tree.parents).filter(
            (mask) =>
              tree.parents.every((_, i) => !(mask & (1 << i)) || inside[i]) &&
              holesOf(tree.parents, mask) <= maxHoles &&
              tree.costs.reduce((sum, c, i) => sum + (mask & (1 << i) ? c : 0), 0) <= (budgets[b] as number),
          );
          expect(count).toBe(Math.max(...parts.map((mask) => bits(mask))));
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(notNested).toBeGreaterThan(0);
});

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
}

test("a hundred thousand nodes deep, or wide, or both", () => {
  const n = 100_000;
  const chain = { parents: Int32Array.from({ length: n }, (_, i) => i - 1), costs: new Float64Array(n).fill(1) };
  expect(pruneTree(chain, { budget: 60_000, maxHoles: 4 })).toMatchObject({ count: 60_000, holes: [60_000] });
  const star = { parents: Int32Array.from({ length: n }, (_, i) => (i === 0 ? -1 : 0)), costs: chain.costs };
  expect(pruneTree(star, { budget: n - 3, maxHoles: 4 }).holes.length).toBe(3);
  expect(pruneTree(star, { budget: n - 5, maxHoles: 4 }).holes).toEqual([0]);
  // A spine on which every node has a leaf as its first child.
  const parents = Int32Array.from({ length: n }, (_, i) => (i === 0 ? -1 : i % 2 === 1 ? i - 1 : i - 2));
  expect(pruneTree({ parents, costs: chain.costs }, { budget: n - 5, maxHoles: 2 }).count).toBe(n - 5);
});

test("large and small costs side by side, and decimal sums that end on the budget", () => {
  const parents = [-1, 0, 0, 0];
  const pruned = pruneTree({ parents, costs: [0.1, 1e300, 0.2, 0.3] }, { budget: 0.6, maxHoles: 1 });
  expect(pruned.holes).toEqual([1]);
  expect(pruned.count).toBe(3);
  expect(pruneTree({ parents, costs: [0, 1e-12, 0, 0] }, { budget: 0, maxHoles: 2 }).holes).toEqual([1]);
});

test("weights: characters in place of nodes", () => {
  // Under one hole, either the three small nodes or the long one must go.
  const tree = { parents: parentsFrom([0, 0, 0, 0, 3]), costs: [0, 1, 1, 1, 3] };
  expect(tree.parents).toEqual([-1, 0, 1, 2, 0]);
  expect(pruneTree(tree, { budget: 3, maxHoles: 1 }).holes).toEqual([4]);
  expect(pruneTree(tree, { budget: 3, maxHoles: 1, weights: [1, 2, 2, 2, 30] }).holes).toEqual([1]);
});

test("bad input", () => {
  const good = { parents: [-1, 0], costs: [1, 1] };
  const options = { budget: 1, maxHoles: 1 };
  expect(codeOf(() => pruneTree({ ...good, costs: [1] }, options))).toBe("E_LENGTH");
  expect(codeOf(() => pruneTree({ ...good, costs: [1, Number.NaN] }, options))).toBe("E_NAN at 1");
  expect(codeOf(() => pruneTree({ ...good, costs: [1, -1] }, options))).toBe("E_TREE at 1");
  expect(codeOf(() => pruneTree({ parents: [], costs: [] }, options))).toBe("E_TREE");
  expect(codeOf(() => pruneTree({ parents: [0, 0], costs: [1, 1] }, options))).toBe("E_TREE at 0");
  expect(codeOf(() => pruneTree({ parents: [-1, 1], costs: [1, 1] }, options))).toBe("E_TREE at 1");
  expect(codeOf(() => pruneTree({ parents: [-1, -1], costs: [1, 1] }, options))).toBe("E_TREE at 1");
  expect(codeOf(() => pruneTree({ parents: [-1, 0, 0, 1], costs: [1, 1, 1, 1] }, options))).toBe("E_TREE at 2");
  expect(codeOf(() => pruneTree(good, { budget: -1, maxHoles: 1 }))).toBe("E_RANGE");
  expect(codeOf(() => pruneTree(good, { budget: Number.NaN, maxHoles: 1 }))).toBe("E_NAN");
  expect(codeOf(() => pruneTree(good, { budget: 1, maxHoles: 0 }))).toBe("E_RANGE");
  expect(codeOf(() => pruneTree(good, { ...options, weights: [1] }))).toBe("E_LENGTH");
  expect(codeOf(() => pruneTree(good, { ...options, weights: [1, 0.5] }))).toBe("E_RANGE");
  expect(codeOf(() => pruneFamily(good, [1, -1], { maxHoles: 1 }))).toBe("E_RANGE at 1");
  expect(codeOf(() => pruneFamily(good, [1], { maxHoles: 1, mode: "best" as "sequential" }))).toBe("E_RANGE");
});

test("equals exhaustive search in Python on decimal costs", () => {
  for (const { parents, costs, budget: b, maxHoles, count, cost: least } of reference.prunings) {
    const pruned = pruneTree({ parents, costs }, { budget: b, maxHoles });
    expect(pruned.count).toBe(count);
    expect(pruned.cost).toBeCloseTo(least, 12);
  }
});
