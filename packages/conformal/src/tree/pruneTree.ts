import { checkLength, checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type Costs, checkCosts } from "./costTree.ts";
import { subtreeEnds } from "./flatTree.ts";
import { type Frontier, NOTHING, type Removal, insert, merge, relieves, together } from "./frontier.ts";
import { type PruneOrder, pruneOrder } from "./pruneOrder.ts";

/** Options of `pruneTree`. */
export interface PruneTreeOptions {
  /** What the kept nodes may cost together, >= 0: `-log` of a probability. Infinity keeps everything. */
  readonly budget: number;
  /** How many subtrees may be taken out, a whole number >= 1. */
  readonly maxHoles: number;
  /** What keeping each node is worth `[n]`, whole numbers >= 0. Default 1 each: as many nodes as possible are kept. */
  readonly weights?: ArrayLike<number>;
}

/** The part of a tree that is kept. Nodes are named by their position in preorder. */
export interface Pruning {
  /** 1 for each kept node `[n]`. Every kept node but the root has a kept parent. */
  readonly kept: Uint8Array;
  /** Roots of the subtrees that are taken out, ascending. `[0]`: nothing is kept. */
  readonly holes: readonly number[];
  /** Number of kept nodes. */
  readonly count: number;
  /** Total weight of the kept nodes. */
  readonly weight: number;
  /** Total cost of the kept nodes, at most the budget up to a relative 1e-9. */
  readonly cost: number;
}

/** Costs this little (relative) above the budget are within it: sums in doubles. */
const SNAP = 1e-9;

/**
 * The heaviest part of a tree that stays together at the root, costs at most `budget`, and leaves at most `maxHoles`
 * holes; of the heaviest ones a cheapest, and of these one with the fewest holes. A tree that fits whole is kept whole,
 * nodes of weight 0 too. Each subtree that is taken out from
 * under a kept node is one hole, and so is the whole tree. Exact: every other choice is beaten, none is skipped by a
 * heuristic.
 *
 * Works on what is taken out, not on what is kept: at most `maxHoles` disjoint subtrees, with the least weight for a
 * given cost. Time `O(n f m)`, where `f <= total weight + 1` is the number of removals that none beats: all of them in
 * the worst case, few in trees whose subtrees have few different sizes. No recursion.
 *
 * @param tree parents in preorder and costs, such as a `CostTree`
 * @throws ConformalError E_TREE, E_NAN, E_LENGTH, E_RANGE
 */
export function pruneTree(tree: Costs, options: PruneTreeOptions): Pruning {
  return pruneWithin(tree, checkPrune("pruneTree", tree, options), null);
}

/** What pruning knows of a tree for every budget. */
export interface PruneProblem {
  readonly ends: Int32Array;
  readonly budget: number;
  readonly maxHoles: number;
  readonly weights: ArrayLike<number> | undefined;
}

/** Checks everything about one call. */
export function checkPrune(where: string, tree: Costs, options: PruneTreeOptions): PruneProblem {
  const { budget, maxHoles, weights } = options;
  const ends = subtreeEnds(tree.parents);
  checkCosts(where, tree);
  checkBudget(where, budget);
  checkWhole(where, "maxHoles", maxHoles, 1);
  if (weights !== undefined) {
    checkLength(where, "weights", weights.length, ends.length);
    for (let i = 0; i < weights.length; i++) checkWhole(where, `weights[${i}]`, weights[i] as number, 0);
  }
  return { ends, budget, maxHoles, weights };
}

/** Throws unless a budget is a number >= 0. */
export function checkBudget(where: string, budget: number, index?: number): void {
  if (typeof budget !== "number" || Number.isNaN(budget)) {
    throw new ConformalError("E_NAN", `${where}: budget is not a number, got ${budget}`, index);
  }
  if (budget < 0) throw new ConformalError("E_RANGE", `${where}: budget must be >= 0, got ${budget}`, index);
}

/** `pruneTree` inside a part of the tree that was kept before; its holes stay holes. */
export function pruneWithin(tree: Costs, problem: PruneProblem, before: Pruning | null): Pruning {
  const { parents, costs } = tree;
  const { ends, budget, maxHoles, weights } = problem;
  const limit = budget * (1 + SNAP);
  // A node is out when it was out before, or costs more than the budget together with the nodes above it.
  const n = parents.length;
  const out = new Uint8Array(n);
  const path = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    path[i] = (costs[i] as number) + (i === 0 ? 0 : (path[parents[i] as number] as number));
    if ((path[i] as number) > limit || (before !== null && before.kept[i] === 0)) out[i] = 1;
  }
  const order = pruneOrder(parents, ends, out);
  const removal = cheapestRemoval(order, subtrees(order, costs, out, weightSums(n, weights), ends), limit, maxHoles);
  const holes: number[] = [];
  for (let part: Removal | null = removal; part !== null; part = part.rest) if (part.node >= 0) holes.push(part.node);
  return pruning(costs, ends, weights, holes);
}

/** Sums of the weights before each node; in preorder a subtree is a range. */
function weightSums(n: number, weights: ArrayLike<number> | undefined): Float64Array {
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = (sums[i] as number) + (weights === undefined ? 1 : (weights[i] as number));
  return sums;
}

/** Taking out the subtree at each position. */
function subtrees(
  { nodes, parents }: PruneOrder,
  costs: ArrayLike<number>,
  out: Uint8Array,
  sums: Float64Array,
  ends: Int32Array,
): Removal[] {
  const cost = Float64Array.from(nodes, (node) => (out[node] === 1 ? 0 : (costs[node] as number)));
  const forced = Int32Array.from(nodes, (node) => out[node] as number);
  for (let i = nodes.length - 1; i > 0; i--) {
    const parent = parents[i] as number;
    cost[parent] = (cost[parent] as number) + (cost[i] as number);
    forced[parent] = (forced[parent] as number) + (forced[i] as number);
  }
  return Array.from(nodes, (node, i) => ({
    weight: (sums[ends[node] as number] as number) - (sums[node] as number),
    forced: forced[i] as number,
    cost: cost[i] as number,
    holes: 1,
    node,
    rest: NOTHING,
  }));
}

/**
 * The lightest removal of at most `maxHoles` subtrees that leaves at most `limit`. Goes backward through the positions
 * and keeps, for every number of holes below `maxHoles`, the frontier of removals from the current position on. A
 * subtree combines with removals from its end on; those frontiers are saved while a subtree that ends there is to come.
 */
function cheapestRemoval(order: PruneOrder, subtree: readonly Removal[], limit: number, maxHoles: number): Removal {
  const { parents, ends } = order;
  const size = subtree.length;
  const root = subtree[0] as Removal;
  const enough = (forced: number, cost: number): boolean => forced === root.forced && root.cost - cost <= limit;
  if (root.forced === 0 && root.cost <= limit) return NOTHING;

  // The best single subtree; the root is one that always does. What is heavier than the best so far is given up.
  let best = root;
  for (const removal of subtree) if (enough(removal.forced, removal.cost)) best = better(best, removal);
  if (maxHoles === 1) return best;

  // A subtree as heavy as the best so far can only be part of an equal one, with others of weight 0. What cannot do even
  // with the largest other subtrees in all holes that are left is given up too.
  const free = subtree.some(({ weight }) => weight === 0);
  const light = ({ weight }: Removal): boolean => weight < best.weight || (free && weight === best.weight);
  let mostForced = 0;
  let mostCost = 0;
  for (const removal of subtree) {
    if (!light(removal)) continue;
    mostForced = Math.max(mostForced, removal.forced);
    mostCost = Math.max(mostCost, removal.cost * (1 + SNAP));
  }
  const hopeful = ({ forced, cost, holes }: Removal): boolean =>
    forced + (maxHoles - holes) * mostForced >= root.forced &&
    root.cost - (cost + (maxHoles - holes) * mostCost) <= limit;

  const layers = maxHoles - 1;
  let current: Frontier[] = Array.from({ length: layers + 1 }, () => [NOTHING]);
  const saved = new Map<number, Frontier[]>([[size, current.map((frontier) => frontier.slice())]]);
  for (let i = size - 1; i >= 0; i--) {
    const removal = subtree[i] as Removal;
    const end = ends[i] as number;
    const beyond = saved.get(end) as Frontier[];
    const partner = lightestPartner(beyond[layers] as Frontier, removal, enough);
    if (partner !== undefined) best = better(best, together(removal, partner));
    if (light(removal)) {
      for (let h = layers; h >= 1; h--) {
        const rest = beyond[h - 1] as Frontier;
        const added: Frontier = [];
        for (const other of rest) {
          if (removal.weight + other.weight > best.weight) break;
          const both = together(removal, other);
          if (hopeful(both)) added.push(both);
        }
        if (added.length === 1) insert(current[h] as Frontier, added[0] as Removal);
        else if (added.length > 1) current[h] = merge(current[h] as Frontier, added);
      }
    }
    if (end < size && parents[end] === parents[i]) saved.delete(end);
    if (i > 0 && parents[i] !== i - 1) {
      saved.set(i, current);
      current = current.map((frontier) => frontier.filter(({ weight }) => weight <= best.weight));
    }
  }
  return best;
}

/** The lightest removal that does together with a subtree. What a frontier takes out ascends. */
function lightestPartner(
  frontier: Frontier,
  subtree: Removal,
  enough: (forced: number, cost: number) => boolean,
): Removal | undefined {
  let low = 0;
  let high = frontier.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = frontier[middle] as Removal;
    if (enough(subtree.forced + other.forced, subtree.cost + other.cost)) high = middle;
    else low = middle + 1;
  }
  return frontier[low];
}

function better(a: Removal, b: Removal): Removal {
  if (a.weight !== b.weight) return a.weight < b.weight ? a : b;
  if (a.cost !== b.cost) return relieves(a, b) ? a : b;
  return a.holes <= b.holes ? a : b;
}

function pruning(
  costs: ArrayLike<number>,
  ends: Int32Array,
  weights: ArrayLike<number> | undefined,
  holes: number[],
): Pruning {
  holes.sort((a, b) => a - b);
  const kept = new Uint8Array(ends.length).fill(1);
  for (const hole of holes) kept.fill(0, hole, ends[hole]);
  let count = 0;
  let weight = 0;
  let cost = 0;
  for (let i = 0; i < kept.length; i++) {
    if (kept[i] === 0) continue;
    count += 1;
    weight += weights === undefined ? 1 : (weights[i] as number);
    cost += costs[i] as number;
  }
  return { kept, holes, count, weight, cost };
}
