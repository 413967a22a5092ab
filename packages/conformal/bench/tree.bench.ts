import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "acorn";
import { bench, describe } from "vitest";
import { uniformStream } from "@parsimony/conformal";
import { type Costs, binomialTailK, covers, estreeAdapter, flattenTree, pruneTree } from "@parsimony/conformal/tree";
import { parentsFrom, rootedMasks, holesOf } from "../test/tree/randomTrees.ts";

const uniform = uniformStream(1);

/** A tree whose nodes hang on the last node or one of its last few ancestors, with costs like those of tokens. */
function randomTree(n: number): Costs & { readonly total: number } {
  const parents = parentsFrom(Array.from({ length: n }, () => Math.floor(6 * uniform() ** 2)));
  const costs = Float64Array.from(parents, () => -Math.log(1 - uniform()) * 0.5);
  return { parents, costs, total: costs.reduce((a, b) => a + b) };
}

function exhaustive({ parents, costs }: Costs, budget: number, maxHoles: number): number {
  let best = 0;
  for (const mask of rootedMasks(Array.from(parents))) {
    let cost = 0;
    let count = 0;
    for (let i = 0; i < parents.length; i++) {
      if (mask & (1 << i)) {
        cost += costs[i] as number;
        count++;
      }
    }
    if (cost <= budget && count > best && holesOf(Array.from(parents), mask) <= maxHoles) best = count;
  }
  return best;
}

const small = randomTree(15);
describe("prune 15 nodes, 4 holes, half of the cost", () => {
  bench("pruneTree", () => {
    pruneTree(small, { budget: small.total / 2, maxHoles: 4 });
  });
  bench("exhaustive search", () => {
    exhaustive(small, small.total / 2, 4);
  });
});

describe("prune random trees with 4 holes", () => {
  for (const n of [1000, 10_000]) {
    const tree = randomTree(n);
    for (const share of [0.5, 0.95]) {
      bench(`${n} nodes, budget ${100 * share} % of the cost`, () => {
        pruneTree(tree, { budget: share * tree.total, maxHoles: 4 });
      });
    }
  }
});

const file = createRequire(import.meta.url)
  .resolve("acorn")
  .replace(/acorn\.m?js$/, "acorn.mjs");
const source = readFileSync(file, "utf8");
const program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
const flat = flattenTree(program, estreeAdapter as never);
describe(`the syntax tree of acorn, ${flat.nodes.length} nodes`, () => {
  bench("read", () => {
    flattenTree(program, estreeAdapter as never);
  });
  bench("covers itself", () => {
    covers({ tree: flat, holes: [] }, program);
  });
  bench("covers itself, holes as spans", () => {
    covers({ tree: flat, holes: [5] }, program, { holeMatches: "span" });
  });
});

describe("binomialTailK", () => {
  bench("n = 1e6", () => {
    binomialTailK(1_000_000, 0.1, 0.05);
  });
});
