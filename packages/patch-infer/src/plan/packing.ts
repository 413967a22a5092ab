/** A rectangle to place: alive at the moments `first`, …, `last`, in bytes from its offset on. */
export interface Rectangle {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  /** Position of the rectangle whose offset this one shares, because it takes its place. */
  readonly over?: number | undefined;
}

export interface Packing {
  /** One per rectangle. */
  readonly offsets: readonly number[];
  /** The highest end. */
  readonly bytes: number;
}

/** Rectangles that share an offset, one after the other. */
interface Chain {
  readonly members: readonly number[];
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
}

/**
 * Places rectangles so that none that are alive together share a byte: first fit in several orders, the best of them; if
 * that is above the lower bound and there are few rectangles, an exhaustive search.
 */
export function pack(rectangles: readonly Rectangle[], align: number): Packing {
  const chains = chainsOf(rectangles);
  const heights = chains.map((below) => chains.map((above) => common(rectangles, below, above)));
  const bound = lowerBound(rectangles);
  let best: number[] | undefined;
  let bytes = Number.POSITIVE_INFINITY;
  for (const order of orders) {
    const offsets = firstFit(chains, heights, [...chains.keys()].sort(comparing(chains, order)), align);
    const total = highest(chains, offsets);
    if (total < bytes) [best, bytes] = [offsets, total];
    if (bytes <= bound) break;
  }
  if (bytes > bound && chains.length <= exhaustiveLimit) {
    best = branchAndBound(chains, heights, align, { offsets: best ?? [], bytes, bound });
    bytes = highest(chains, best);
  }
  const offsets: number[] = [];
  chains.forEach(({ members }, i) => {
    for (const member of members) offsets[member] = best?.[i] ?? 0;
  });
  return { offsets, bytes: chains.length === 0 ? 0 : bytes };
}

/** The most bytes alive at one moment. A rectangle that takes over another counts from the next moment on. */
export function lowerBound(rectangles: readonly Rectangle[]): number {
  const changes = new Map<number, number>();
  for (const { first, last, bytes, over } of rectangles) {
    const begin = over === undefined ? first : first + 1;
    if (begin > last) continue;
    changes.set(begin, (changes.get(begin) ?? 0) + bytes);
    changes.set(last + 1, (changes.get(last + 1) ?? 0) - bytes);
  }
  let alive = 0;
  let most = 0;
  for (const moment of [...changes.keys()].sort((a, b) => a - b)) {
    alive += changes.get(moment) ?? 0;
    most = Math.max(most, alive);
  }
  return most;
}

/** The lowest gap of `bytes` bytes at the moments of `wanted` among placed rectangles, or undefined when there is none below `limit`. */
export function gapFor(
  wanted: { readonly first: number; readonly last: number; readonly bytes: number },
  placed: readonly { readonly first: number; readonly last: number; readonly offset: number; readonly bytes: number }[],
  align: number,
  limit: number,
): number | undefined {
  const around = placed.filter(({ first, last }) => first <= wanted.last && last >= wanted.first);
  const starts = [0, ...around.map(({ offset, bytes }) => alignUp(offset + bytes, align))].sort((a, b) => a - b);
  return starts.find(
    (start) =>
      start + wanted.bytes <= limit &&
      around.every(({ offset, bytes }) => start + wanted.bytes <= offset || offset + bytes <= start),
  );
}

const exhaustiveLimit = 14;
/** Partial arrangements that the exhaustive search looks at, at most: some milliseconds. */
const exhaustiveWork = 50_000;

/** Larger numbers are placed first. */
const orders: readonly ((chain: Chain) => number)[] = [
  ({ bytes }) => bytes,
  ({ first, last }) => last - first,
  ({ bytes, first, last }) => bytes * (last - first + 1),
  ({ first }) => -first,
];

function comparing(chains: readonly Chain[], order: (chain: Chain) => number): (a: number, b: number) => number {
  return (a, b) => {
    const [x, y] = [chains[a], chains[b]];
    if (x === undefined || y === undefined) return 0;
    return order(y) - order(x) || y.bytes - x.bytes || x.first - y.first || a - b;
  };
}

function chainsOf(rectangles: readonly Rectangle[]): Chain[] {
  const members: number[][] = [];
  const chain: number[] = [];
  const place = (i: number): number => {
    const known = chain[i];
    if (known !== undefined) return known;
    const over = rectangles[i]?.over;
    const own = over === undefined ? members.push([]) - 1 : place(over);
    members[own]?.push(i);
    chain[i] = own;
    return own;
  };
  rectangles.forEach((_, i) => {
    place(i);
  });
  return members.map((list) => {
    const all = list.map((i) => rectangles[i] as Rectangle);
    return {
      members: list,
      first: Math.min(...all.map(({ first }) => first)),
      last: Math.max(...all.map(({ last }) => last)),
      bytes: Math.max(...all.map(({ bytes }) => bytes)),
    };
  });
}

/** The most bytes that `below` has at a moment at which `above` is alive too; -1 if there is none. */
function common(rectangles: readonly Rectangle[], below: Chain, above: Chain): number {
  if (below === above || below.last < above.first || above.last < below.first) return -1;
  let bytes = -1;
  for (const i of below.members) {
    for (const j of above.members) {
      const [a, b] = [rectangles[i], rectangles[j]];
      if (a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last)
        bytes = Math.max(bytes, a.bytes);
    }
  }
  return bytes;
}

function firstFit(
  chains: readonly Chain[],
  heights: readonly number[][],
  order: readonly number[],
  align: number,
): number[] {
  const offsets: number[] = [];
  /** From low to high. */
  const placed: number[] = [];
  for (const own of order) {
    const around = placed.filter((other) => (heights[other]?.[own] ?? -1) >= 0);
    const start = lowestStart(own, around, { heights, offsets, align });
    offsets[own] = start;
    const at = placed.findIndex((other) => (offsets[other] ?? 0) > start);
    placed.splice(at < 0 ? placed.length : at, 0, own);
  }
  return chains.map((_, i) => offsets[i] ?? 0);
}

/** The lowest place for a chain among others, which are given from low to high. */
function lowestStart(
  own: number,
  around: readonly number[],
  { heights, offsets, align }: { heights: readonly number[][]; offsets: readonly number[]; align: number },
): number {
  let start = 0;
  for (let isFree = false; !isFree; ) {
    isFree = true;
    for (const other of around) {
      const floor = offsets[other] ?? 0;
      const top = floor + (heights[other]?.[own] ?? 0);
      if (start + (heights[own]?.[other] ?? 0) <= floor || top <= start) continue;
      // What reaches into the other one from here does so from everywhere up to its top.
      start = alignUp(top, align);
      isFree = false;
    }
  }
  return start;
}

function highest(chains: readonly Chain[], offsets: readonly number[]): number {
  return Math.max(0, ...chains.map(({ bytes }, i) => (offsets[i] ?? 0) + bytes));
}

/**
 * Some best arrangement has every chain on top of one below it or on the ground, so it is found by placing chains from low
 * to high, each on top of all that are placed and alive together with it.
 */
function branchAndBound(
  chains: readonly Chain[],
  heights: readonly number[][],
  align: number,
  known: { offsets: number[]; bytes: number; bound: number },
): number[] {
  let { offsets: best, bytes } = known;
  let work = exhaustiveWork;
  const offsets: number[] = [];
  const top = chains.map(() => 0);
  const left = new Set(chains.keys());
  const visit = (floor: number, total: number): void => {
    if (left.size === 0) {
      [best, bytes] = [chains.map((_, i) => offsets[i] ?? 0), total];
      return;
    }
    for (const i of left) if ((top[i] ?? 0) + (chains[i]?.bytes ?? 0) >= bytes) return;
    const choices = [...left].sort(
      (a, b) => (top[a] ?? 0) - (top[b] ?? 0) || (chains[b]?.bytes ?? 0) - (chains[a]?.bytes ?? 0),
    );
    for (const own of choices) {
      if (bytes <= known.bound || --work < 0) return;
      const start = top[own] ?? 0;
      // Chains are placed in the order of their offsets: any other order gives the same arrangement again.
      if (start < floor) continue;
      left.delete(own);
      offsets[own] = start;
      const raised: [number, number][] = [];
      for (const other of left) {
        const height = heights[own]?.[other] ?? -1;
        const above = height < 0 ? 0 : alignUp(start + height, align);
        if (above > (top[other] ?? 0)) {
          raised.push([other, top[other] ?? 0]);
          top[other] = above;
        }
      }
      visit(start, Math.max(total, start + (chains[own]?.bytes ?? 0)));
      for (const [other, before] of raised) top[other] = before;
      left.add(own);
    }
  };
  visit(0, 0);
  return best;
}

function alignUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align;
}
