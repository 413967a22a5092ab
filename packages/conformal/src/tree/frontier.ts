/** Disjoint subtrees taken out together: the last one, and the others as a list that removals share. */
export interface Removal {
  /** Total weight of the nodes taken out: what pruning wants small. */
  readonly weight: number;
  /** Unaffordable nodes taken out: pruning needs all of them out, before any cost counts. */
  readonly forced: number;
  /** Total cost of the other nodes taken out: what pruning wants large. */
  readonly cost: number;
  /** Number of subtrees. */
  readonly holes: number;
  /** Root of the subtree that was taken last, or -1 for the empty removal. */
  readonly node: number;
  readonly rest: Removal | null;
}

export const NOTHING: Removal = { weight: 0, forced: 0, cost: 0, holes: 0, node: -1, rest: null };

/** One subtree more. */
export function together(subtree: Removal, rest: Removal): Removal {
  return {
    weight: subtree.weight + rest.weight,
    forced: subtree.forced + rest.forced,
    cost: subtree.cost + rest.cost,
    holes: subtree.holes + rest.holes,
    node: subtree.node,
    rest,
  };
}

/** Does `a` take out at least as much as `b`? */
export function relieves(a: Removal, b: Removal): boolean {
  return a.forced > b.forced || (a.forced === b.forced && a.cost >= b.cost);
}

/**
 * Of the removals, those that no other one beats by taking out as much with less weight, by ascending weight: what is
 * taken out then ascends too. At equal weight and relief, fewer holes win.
 */
export type Frontier = Removal[];

/** Adds one removal in place. */
export function insert(frontier: Frontier, removal: Removal): void {
  let low = 0;
  let high = frontier.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((frontier[middle] as Removal).weight <= removal.weight) low = middle + 1;
    else high = middle;
  }
  const before = frontier[low - 1];
  if (before !== undefined && beats(before, removal)) return;
  const from = before !== undefined && before.weight === removal.weight ? low - 1 : low;
  let to = low;
  while (to < frontier.length && relieves(removal, frontier[to] as Removal)) to++;
  if (from === frontier.length) frontier.push(removal);
  else frontier.splice(from, to - from, removal);
}

/** The frontier of both: a new array. */
export function merge(a: Frontier, b: Frontier): Frontier {
  const merged: Frontier = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const left = a[i];
    const right = b[j];
    const takeLeft = right === undefined || (left !== undefined && left.weight <= right.weight);
    const removal = (takeLeft ? left : right) as Removal;
    if (takeLeft) i++;
    else j++;
    const last = merged.at(-1);
    if (last !== undefined && beats(last, removal)) continue;
    if (last !== undefined && last.weight === removal.weight) merged.pop();
    merged.push(removal);
  }
  return merged;
}

/** For `a` that is not heavier than `b`. */
function beats(a: Removal, b: Removal): boolean {
  if (!relieves(a, b)) return false;
  return a.weight < b.weight || a.forced > b.forced || a.cost > b.cost || a.holes <= b.holes;
}
