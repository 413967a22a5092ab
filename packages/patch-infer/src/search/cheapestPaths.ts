/** What a choice costs, and what a path of choices costs: the largest peak, and sums of the others. */
export interface Cost {
  readonly peakBytes: number;
  readonly macs: number;
  /** Runs of kernels; decides between paths of equal MACs. */
  readonly calls: number;
}

/** The ways to get from one node to another, as a staircase: peaks rise strictly, costs (MACs, then calls) fall strictly. */
export interface Edge<Choice extends Cost> {
  readonly from: number;
  readonly to: number;
  readonly choices: readonly Choice[];
}

/** A cheapest path among those whose peak is not above its own. */
export interface CheapestPath<Choice extends Cost> extends Cost {
  /** Its choices from the first node to the last; found when asked for. */
  choices(): Choice[];
}

/**
 * For every bound on the peak the cheapest path from node 0 to the last one (fewest MACs, then fewest calls), as a staircase from the
 * smallest peak that can be reached.
 *
 * The peak of a path is the largest of its choices, so for one bound it is a shortest path over the choices that keep it. All bounds are done at
 * once: each node has an array with one cost per bound. Bounds below the smallest peak of a whole path, which decide nothing, are one.
 *
 * @param edges from lower nodes to higher ones, in order of `to`
 * @returns empty when no path leads to the last node
 */
export function cheapestPaths<Choice extends Cost>(
  nodes: number,
  edges: readonly Edge<Choice>[],
): CheapestPath<Choice>[] {
  const floor = smallestPeak(nodes, edges);
  if (floor === Infinity) return [];
  const bounds = boundsAbove(floor, edges);
  const macs = Array.from({ length: nodes }, (_, node) =>
    new Float64Array(bounds.length).fill(node === 0 ? 0 : Infinity),
  );
  const calls = Array.from({ length: nodes }, (_, node) =>
    new Float64Array(bounds.length).fill(node === 0 ? 0 : Infinity),
  );
  const steps = edges.map(({ choices }) => choices.map(({ peakBytes }) => lowerBound(bounds, peakBytes)));
  edges.forEach(({ from, to, choices }, e) => {
    const starts = steps[e] as number[];
    choices.forEach((choice, i) => {
      const end = starts[i + 1] ?? bounds.length;
      relax(macs[from]!, calls[from]!, macs[to]!, calls[to]!, starts[i] as number, end, choice);
    });
  });
  const into = Array.from({ length: nodes }, (): number[] => []);
  edges.forEach(({ to }, e) => into[to]?.push(e));

  const walk = (level: number): Choice[] => {
    const path: Choice[] = [];
    for (let node = nodes - 1; node > 0; ) {
      const found = into[node]!.find((e) => {
        const { from } = edges[e]!;
        const choice = choiceAt(e, level);
        // Sums of whole numbers below 2^53 are exact, so the choice that made the sum is found again by equality.
        return (
          choice !== undefined &&
          macs[from]![level]! + choice.macs === macs[node]![level] &&
          calls[from]![level]! + choice.calls === calls[node]![level]
        );
      }) as number;
      path.push(choiceAt(found, level) as Choice);
      node = edges[found]!.from;
    }
    return path.reverse();
  };
  const choiceAt = (edge: number, level: number): Choice | undefined =>
    edges[edge]!.choices[steps[edge]!.findLastIndex((start) => start <= level)];

  const paths: CheapestPath<Choice>[] = [];
  const [lastMacs, lastCalls] = [macs[nodes - 1]!, calls[nodes - 1]!];
  for (let level = 0; level < bounds.length; level++) {
    const cost = { macs: lastMacs[level] as number, calls: lastCalls[level] as number };
    const before = paths.at(-1);
    if (before !== undefined && before.macs === cost.macs && before.calls === cost.calls) continue;
    paths.push({ peakBytes: bounds[level] as number, ...cost, choices: () => walk(level) });
  }
  return paths;
}

/** The smallest peak of a path from node 0 to the last one. */
function smallestPeak(nodes: number, edges: readonly Edge<Cost>[]): number {
  const least = new Float64Array(nodes).fill(Infinity);
  least[0] = 0;
  for (const { from, to, choices } of edges) {
    const first = choices[0];
    if (first === undefined) continue;
    least[to] = Math.min(least[to] as number, Math.max(least[from] as number, first.peakBytes));
  }
  return least[nodes - 1] as number;
}

/** All peaks from `floor` up, each once, rising. */
function boundsAbove(floor: number, edges: readonly Edge<Cost>[]): Float64Array {
  const peaks = edges.flatMap(({ choices }) => choices.map(({ peakBytes }) => Math.max(floor, peakBytes)));
  return Float64Array.from(new Set(peaks)).sort();
}

/** Position of the first bound that is not below the value. */
function lowerBound(bounds: Float64Array, value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function relax(
  fromMacs: Float64Array,
  fromCalls: Float64Array,
  toMacs: Float64Array,
  toCalls: Float64Array,
  start: number,
  end: number,
  { macs, calls }: Cost,
): void {
  for (let level = start; level < end; level++) {
    const sum = (fromMacs[level] as number) + macs;
    const best = toMacs[level] as number;
    if (sum > best) continue;
    const runs = (fromCalls[level] as number) + calls;
    if (sum === best && runs >= (toCalls[level] as number)) continue;
    toMacs[level] = sum;
    toCalls[level] = runs;
  }
}
