/** An order of summing concepts out, with the concepts that each one is still tied to at its turn. */
export interface EliminationOrder {
  readonly order: readonly number[];
  /** For each position of `order`: the later concepts that share a table with it, in elimination order. */
  readonly separators: readonly (readonly number[])[];
  /** Most concepts in a separator. */
  readonly width: number;
}

/**
 * The min-fill order of a graph: next comes the concept whose remaining neighbours lack the fewest edges among
 * themselves; ties go to the fewest neighbours, then to the first concept. A star gives width 1, a chain too.
 *
 * @param size number of concepts
 * @param scopes sets of concepts that stand in one rule together
 * @see Kjaerulff, Triangulation of graphs: algorithms giving small total state space (1990)
 */
export function minFillOrder(size: number, scopes: readonly (readonly number[])[]): EliminationOrder {
  const neighbours = Array.from({ length: size }, () => new Set<number>());
  const connect = (group: readonly number[]): void => {
    for (const a of group) for (const b of group) if (a !== b) (neighbours[a] as Set<number>).add(b);
  };
  scopes.forEach(connect);
  const left = new Set(Array.from({ length: size }, (_, i) => i));
  const order: number[] = [];
  const met: (readonly number[])[] = [];
  // Missing edges as counted last, and whether that still holds. Only a vertex near a removed one is counted again, and
  // only as far as it can still come next.
  const fills = new Float64Array(size);
  const stale = new Uint8Array(size).fill(1);
  while (left.size > 0) {
    const degree = (candidate: number): number => (neighbours[candidate] as Set<number>).size;
    const counted = (candidate: number): number => fills[candidate] as number;
    let best = -1;
    const consider = (candidate: number): void => {
      const worse = best < 0 ? -1 : counted(candidate) - counted(best) || degree(candidate) - degree(best);
      if (worse < 0 || (worse === 0 && candidate < best)) best = candidate;
    };
    for (const candidate of left) if (stale[candidate] === 0) consider(candidate);
    for (const candidate of [...left].filter((k) => stale[k] === 1).sort((a, b) => degree(a) - degree(b))) {
      const enough = best < 0 ? Infinity : counted(best);
      fills[candidate] = missingEdges(neighbours[candidate] as Set<number>, neighbours, enough);
      if (counted(candidate) <= enough) {
        stale[candidate] = 0;
        consider(candidate);
      }
    }
    const around = [...(neighbours[best] as Set<number>)];
    for (const other of around) {
      (neighbours[other] as Set<number>).delete(best);
      stale[other] = 1;
    }
    if ((fills[best] as number) > 0) {
      connect(around);
      for (const other of around) for (const next of neighbours[other] as Set<number>) stale[next] = 1;
    }
    left.delete(best);
    order.push(best);
    met.push(around);
  }
  const turn = new Map(order.map((concept, i) => [concept, i]));
  const separators = met.map((group) => group.toSorted((a, b) => (turn.get(a) as number) - (turn.get(b) as number)));
  return { order, separators, width: Math.max(0, ...separators.map((group) => group.length)) };
}

/** Pairs of `around` without an edge; stops counting above `enough`. */
function missingEdges(around: ReadonlySet<number>, neighbours: readonly Set<number>[], enough: number): number {
  const list = [...around];
  let missing = 0;
  for (let i = 0; i < list.length && missing <= enough; i++) {
    const edges = neighbours[list[i] as number] as Set<number>;
    for (let j = 0; j < i; j++) if (!edges.has(list[j] as number)) missing++;
  }
  return missing;
}
