import { expect, test } from "vitest";
import {
  type CostTree,
  type PlainTree,
  type PruneMode,
  type TreeExample,
  binomialTailK,
  calibrateTreeSets,
  covers,
  nodeCosts,
  plainTreeAdapter,
  treeCalibratorFromJSON,
  treeErrors,
} from "@parsimony/conformal/tree";
import { codeOf } from "../codeOf.ts";
import { goldenTree } from "./golden.ts";

const costs = new Map<PlainTree, number>();

function node(label: string, cost: number, ...children: PlainTree[]): PlainTree {
  const made = { label, children };
  costs.set(made, cost);
  return made;
}

const costTree = (tree: PlainTree): CostTree<PlainTree> =>
  nodeCosts(tree, (each) => costs.get(each) as number, plainTreeAdapter);

/** The predicted tree with other labels at some nodes. */
function wrongAt(tree: CostTree<PlainTree>, ...labels: readonly string[]): PlainTree {
  const copy = ({ label, children = [] }: PlainTree): PlainTree => ({
    label: labels.includes(label) ? `not ${label}` : label,
    children: children.map(copy),
  });
  return copy(tree.nodes[0] as PlainTree);
}

const one = costTree(node("a", 0.1, node("b", 0.4, node("c", 0.8)), node("d", 0.2)));
const two = costTree(node("r", 0.2, node("s", 0.3, node("t", 0.5, node("u", 0.1))), node("v", 0.7, node("w", 0.05))));
/** What a finite law draws from: predictions with what is right, and how often. */
const population: readonly { readonly p: number; readonly example: TreeExample<PlainTree> }[] = [
  { p: 0.4, example: { predicted: one, target: wrongAt(one) } },
  { p: 0.25, example: { predicted: one, target: wrongAt(one, "c") } },
  { p: 0.2, example: { predicted: two, target: wrongAt(two, "v", "u") } },
  { p: 0.15, example: { predicted: two, target: wrongAt(two, "s") } },
];
const budgets = [0.1, 0.35, 0.6, 0.75, 1.2, 2];

/** All ways to draw n times from a law, as counts with their probability. */
function* samples(law: readonly number[], n: number): Generator<{ counts: number[]; probability: number }> {
  const [p = 0, ...rest] = law;
  if (rest.length === 0) {
    yield { counts: [n], probability: p ** n };
    return;
  }
  let ways = 1;
  for (let count = 0; count <= n; ways = (ways * (n - count)) / (count + 1), count++) {
    for (const { counts, probability } of samples(rest, n - count)) {
      yield { counts: [count, ...counts], probability: ways * p ** count * probability };
    }
  }
}

test.each(["sequential", "fixed-sequence"] as const)(
  "%s: over all samples of a finite law, a choice with error above alpha has a probability of at most delta",
  (mode: PruneMode) => {
    const options = { budgets, maxHoles: 1, mode };
    const law = population.map(({ p }) => p);
    const wrong = treeErrors(
      population.map(({ example }) => example),
      options,
    );
    const rates = budgets.map((_, b) => law.reduce((sum, p, i) => sum + p * (wrong[i]?.[b] ?? 0), 0));
    let useful = 0;
    for (const n of [3, 5]) {
      // The hardest levels are those just below an error rate that the family has.
      for (const alpha of [...new Set(rates)].filter((rate) => rate > 0).map((rate) => rate - 1e-9)) {
        for (const delta of [0.1, 0.3, 0.6]) {
          let misled = 0;
          for (const { counts, probability } of samples(law, n)) {
            const examples = counts.flatMap((count, i) =>
              Array<TreeExample<PlainTree>>(count).fill(population[i]!.example),
            );
            const calibrator = calibrateTreeSets({ ...options, examples, alpha, delta });
            const error = population.reduce((sum, { p, example }) => {
              const { partial } = calibrator.predictSet(example.predicted);
              return covers(partial, example.target) ? sum : sum + p;
            }, 0);
            if (error > alpha) misled += probability;
            if (calibrator.finite) useful++;
          }
          expect(misled, `${n} ${alpha} ${delta}`).toBeLessThanOrEqual(delta + 1e-12);
        }
      }
    }
    expect(useful).toBeGreaterThan(100);
  },
);

test("the largest budget with few enough errors", () => {
  const examples = Array.from({ length: 40 }, (_, i) => ({
    predicted: goldenTree,
    target: wrongAt(goldenTree, ...(i < 3 ? ["f"] : i < 7 ? ["c"] : [])),
  }));
  const calibrator = calibrateTreeSets({
    examples,
    budgets: [4, 0.7, 2.7, 2.3, 0.7],
    maxHoles: 2,
    alpha: 0.2,
    delta: 0.2,
  });
  expect(binomialTailK(40, 0.2, 0.2)).toBe(5);
  // At 2.7 all but c is kept, and a wrong f is an error; at 4 c is kept too.
  expect(calibrator).toMatchObject({
    budget: 2.7,
    budgets: [0.7, 2.3, 2.7, 4],
    n: 40,
    k: 5,
    errors: 3,
    guarantee: "pac",
  });
  expect(calibrator.finite).toBe(true);
  expect(calibrator.level).toBeGreaterThanOrEqual(0.8);
  const { kept, cost, holes, render } = calibrator.predictSet(goldenTree);
  expect([kept, holes.map((hole) => goldenTree.labels[hole])]).toEqual([8, ["c"]]);
  expect(cost).toBeCloseTo(2.6, 12);
  expect(render()).toBe("a(b(□, d), e(f(g), h), i)");
  expect(render({ hole: (index) => `?${index}` })).toBe("a(b(?0, d), e(f(g), h), i)");
});

test("nothing is kept when there are too few examples, or too many errors", () => {
  const good = { predicted: one, target: wrongAt(one) };
  const options = { budgets: [Infinity, 1], maxHoles: 1, alpha: 0.1, delta: 0.05 };
  const few = calibrateTreeSets({ ...options, examples: Array(28).fill(good) as (typeof good)[] });
  expect(few).toMatchObject({ budget: null, k: null, level: 1, finite: false, reason: "too-few-calibration" });
  const { holes, kept, cost, render } = few.predictSet(one);
  expect([holes, kept, cost, render()]).toEqual([[0], 0, 0, "□"]);
  const enough = calibrateTreeSets({ ...options, examples: Array(29).fill(good) as (typeof good)[] });
  expect(enough).toMatchObject({ budget: Infinity, k: 0, errors: 0, finite: true });
  expect(enough.predictSet(one).render()).toBe("a(b(c), d)");
  const bad = { predicted: one, target: wrongAt(one, "a") };
  const wrong = calibrateTreeSets({ ...options, examples: Array(100).fill(bad) as (typeof bad)[] });
  expect(wrong).toMatchObject({ budget: null, k: 4, finite: false, reason: "too-many-errors", errors: 0 });
  expect(wrong.predictSet(one).holes).toEqual([0]);
});

test("a member of a nested family depends on the larger budgets, a budget of its own does not", () => {
  // Budget 3 gives up a; 1 must give up b, and inside what is left then nothing remains with one hole.
  const tree = costTree(node("r", 0, node("a", 0.5, node("c", 0.5)), node("b", 3, node("d", 0, node("e", 0)))));
  const examples = Array<TreeExample<PlainTree>>(30).fill({ predicted: tree, target: wrongAt(tree, "b") });
  const options = { examples, budgets: [1, 3], maxHoles: 1, alpha: 0.1, delta: 0.1 };
  const nested = calibrateTreeSets(options);
  const own = calibrateTreeSets({ ...options, mode: "fixed-sequence" });
  expect([nested.budget, own.budget]).toEqual([1, 1]);
  expect(nested.predictSet(tree).render()).toBe("□");
  expect(own.predictSet(tree).render()).toBe("r(a(c), □)");
});

test("errors are counted upward: a larger part that is right by chance stays an error", () => {
  const trickyCovers = ({ holes }: { readonly holes: readonly number[] }): boolean => holes.length !== 1;
  const [errors] = treeErrors([{ predicted: one, target: wrongAt(one) }], {
    budgets: [0, 0.1, 1, 5],
    maxHoles: 2,
    covers: trickyCovers,
  });
  expect([...(errors as Uint8Array)]).toEqual([1, 1, 1, 1]);
  const [own] = treeErrors([{ predicted: one, target: wrongAt(one) }], {
    budgets: [0, 0.1, 1, 5],
    maxHoles: 2,
    covers: trickyCovers,
    mode: "fixed-sequence",
  });
  expect([...(own as Uint8Array)]).toEqual([1, 0, 1, 0]);
});

test("bisection finds the errors that trying every budget finds", () => {
  const examples = population.map(({ example }) => example);
  const grid = Array.from({ length: 30 }, (_, b) => b / 12);
  for (const holeMatches of ["one", "span"] as const) {
    const byHand = treeErrors(examples, {
      budgets: grid,
      maxHoles: 2,
      covers: (partial, target) => covers(partial, target, { holeMatches }),
    });
    expect(treeErrors(examples, { budgets: grid, maxHoles: 2, holeMatches })).toEqual(byHand);
    expect(byHand.some((row) => row.includes(0) && row.includes(1))).toBe(true);
  }
});

test("order of the examples and of the budgets doesn't matter", () => {
  const examples = population.flatMap(({ p, example }) => Array<TreeExample<PlainTree>>(100 * p).fill(example));
  const options = { budgets, maxHoles: 2, alpha: 0.5, delta: 0.1 };
  const calibrator = calibrateTreeSets({ ...options, examples });
  const other = calibrateTreeSets({ ...options, examples: examples.toReversed(), budgets: budgets.toReversed() });
  expect(other.toJSON()).toEqual(calibrator.toJSON());
});

test("saved and restored, bit for bit", () => {
  const examples = population.flatMap(({ p, example }) => Array<TreeExample<PlainTree>>(100 * p).fill(example));
  const lengths = (tree: CostTree<PlainTree>): number[] => tree.labels.map((label) => label.length);
  const base = { examples, maxHoles: 2, alpha: 0.45, delta: 0.1 };
  for (const mode of ["sequential", "fixed-sequence"] as const) {
    for (const weightsOf of [undefined, lengths]) {
      const functions = weightsOf === undefined ? {} : { weightsOf };
      const grid = [0.1, 1 / 3, 0.7, 1.1, Infinity];
      const saved = calibrateTreeSets({ ...base, mode, budgets: grid, ...functions });
      expect(saved.finite).toBe(true);
      const text = JSON.stringify(saved);
      const restored = treeCalibratorFromJSON<PlainTree>(JSON.parse(text), functions);
      expect(JSON.stringify(restored)).toBe(text);
      expect({ ...restored, predictSet: 0, toJSON: 0 }).toEqual({ ...saved, predictSet: 0, toJSON: 0 });
      for (const tree of [one, two, goldenTree]) {
        expect(restored.predictSet(tree).partial).toEqual(saved.predictSet(tree).partial);
      }
    }
  }
});

test("a saved calibrator that was changed by hand is refused", () => {
  const good = { predicted: one, target: wrongAt(one) };
  const examples = Array(50).fill(good) as (typeof good)[];
  const saved = calibrateTreeSets({ examples, budgets: [1, 2], maxHoles: 1, alpha: 0.1, delta: 0.05 }).toJSON();
  const changed = (change: object) => codeOf(() => treeCalibratorFromJSON({ ...saved, ...change }));
  expect(codeOf(() => treeCalibratorFromJSON(null))).toBe("E_JSON");
  expect(changed({ kind: "other" })).toBe("E_JSON");
  expect(changed({ version: 2 })).toBe("E_JSON");
  expect(changed({ errors: 40 })).toBe("E_JSON");
  expect(changed({ n: 20 })).toBe("E_JSON");
  expect(changed({ n: 0 })).toBe("E_RANGE");
  expect(changed({ alpha: 0 })).toBe("E_ALPHA");
  expect(changed({ alpha: "0.1" })).toBe("E_JSON");
  expect(changed({ chosen: 2 })).toBe("E_JSON");
  expect(changed({ chosen: 0.5 })).toBe("E_JSON");
  expect(changed({ budgets: [2, 1] })).toBe("E_JSON");
  expect(changed({ budgets: [1, 1] })).toBe("E_JSON");
  expect(changed({ budgets: [1, null] })).toBe("E_JSON");
  expect(changed({ budgets: 1 })).toBe("E_JSON");
  expect(changed({ budgets: [] })).toBe("E_RANGE");
  expect(changed({ maxHoles: 0 })).toBe("E_RANGE");
  expect(changed({ mode: "joint" })).toBe("E_RANGE");
  expect(changed({ holeMatches: "any" })).toBe("E_JSON");
  expect(changed({ weighted: true })).toBe("E_JSON");
  expect(codeOf(() => treeCalibratorFromJSON(saved, { weightsOf: () => [] }))).toBe("E_JSON");
});

test("bad input", () => {
  const examples = [{ predicted: one, target: wrongAt(one) }];
  const options = { examples, budgets: [1], maxHoles: 1, alpha: 0.1, delta: 0.1 };
  const changed = (change: object) => codeOf(() => calibrateTreeSets({ ...options, ...change }));
  expect(changed({ examples: [] })).toBe("E_EMPTY_CALIBRATION");
  expect(changed({ alpha: 1 })).toBe("E_ALPHA");
  expect(changed({ delta: Number.NaN })).toBe("E_ALPHA");
  expect(changed({ maxHoles: 1.5 })).toBe("E_RANGE");
  expect(changed({ budgets: [] })).toBe("E_RANGE");
  expect(changed({ budgets: [1, -1] })).toBe("E_RANGE at 1");
  expect(changed({ budgets: [Number.NaN] })).toBe("E_NAN at 0");
  expect(changed({ mode: "joint" })).toBe("E_RANGE");
  expect(changed({ holeMatches: "any" })).toBe("E_RANGE");
  expect(changed({ weightsOf: () => [1] })).toBe("E_LENGTH at 0");
  const children: PlainTree[] = [];
  const loop = { label: "a", children };
  children.push(loop, loop);
  expect(changed({ examples: [...examples, { predicted: one, target: loop }] })).toBe("E_TREE at 1");
  const ownMistake = () => {
    throw new TypeError("mine");
  };
  expect(() => calibrateTreeSets({ ...options, covers: ownMistake })).toThrow(TypeError);
});
