import type { Bucket, BucketTree } from "./bucketTree.ts";

/** The probabilities that a concept is off and on, on the scale of a tree: themselves or their logarithms. */
export interface Leaves {
  readonly off: Float64Array;
  readonly on: Float64Array;
}

/** Working memory for one tree, used again by every call. */
export interface Workspace {
  /** For each bucket: its factor combined with the first 0, 1, ... messages `[children + 1][2 ^ scope]`. */
  readonly products: readonly (readonly Float64Array[])[];
  /** For each bucket: the message to its parent, and the one from it `[2 ^ (scope - 1)]`. */
  readonly up: readonly Float64Array[];
  readonly down: readonly Float64Array[];
  /** Two tables of the largest size. */
  readonly table: Float64Array;
  readonly rest: Float64Array;
}

export function workspaceFor(tree: BucketTree): Workspace {
  const largest = Math.max(...tree.buckets.map(({ factor }) => factor.length));
  const separator = ({ factor }: Bucket): Float64Array => new Float64Array(factor.length / 2);
  return {
    // The first one is the factor itself, which is only read.
    products: tree.buckets.map(({ factor, children }) => [
      factor,
      ...children.map(() => new Float64Array(factor.length)),
    ]),
    up: tree.buckets.map(separator),
    down: tree.buckets.map(separator),
    table: new Float64Array(largest),
    rest: new Float64Array(largest),
  };
}

/**
 * For every concept j of a tree and t = 0, 1 the expectation `A(t) = E[F | concept j = t]` on the tree's scale, where the
 * other concepts are independent with the given probabilities and F is the product of the rules' factors. One pass from the leaves of
 * the tree to its root and one back, each concept summed out with its probabilities where it leaves the scope.
 *
 * A concept is summed out with `rising` where the partial result grows with the concept, and with `falling` elsewhere.
 * The same leaves twice give A itself. The upper ends of probability intervals as `rising` and the lower ones as
 * `falling` give an upper bound on A over the whole box, and the other way round a lower bound.
 *
 * @param into `[2 * size]`: A(0) and A(1) of concept j go to positions 2j and 2j + 1
 */
export function passMessages(
  tree: BucketTree,
  rising: Leaves,
  falling: Leaves,
  workspace: Workspace,
  into: Float64Array,
): void {
  const { products, up, down, table, rest } = workspace;
  const { buckets, linear } = tree;
  for (let i = 0; i < buckets.length; i++) {
    const { scope, children } = buckets[i] as Bucket;
    const running = products[i] as readonly Float64Array[];
    for (let c = 0; c < children.length; c++) {
      const { bucket, entry } = children[c] as Bucket["children"][number];
      const message = up[bucket] as Float64Array;
      const before = running[c] as Float64Array;
      const after = running[c + 1] as Float64Array;
      for (let p = 0; p < after.length; p++)
        after[p] = times(before[p] as number, message[entry[p] as number] as number, linear);
    }
    const all = running[children.length] as Float64Array;
    const message = up[i] as Float64Array;
    const concept = scope[0] as number;
    for (let p = 0; p < message.length; p++) {
      message[p] = sumOut(all[2 * p] as number, all[2 * p + 1] as number, concept, rising, falling, linear);
    }
  }
  (down[buckets.length - 1] as Float64Array)[0] = linear ? 1 : 0;
  for (let i = buckets.length - 1; i >= 0; i--) {
    const { scope, children, factor } = buckets[i] as Bucket;
    const running = products[i] as readonly Float64Array[];
    const from = down[i] as Float64Array;
    const size = factor.length;
    for (let p = 0; p < size; p++) rest[p] = from[p >>> 1] as number;
    const all = running[children.length] as Float64Array;
    for (let p = 0; p < size; p++) table[p] = times(all[p] as number, rest[p] as number, linear);
    for (let bit = scope.length - 1; bit > 0; bit--) sumOutBit(table, 2 ** bit, bit, scope, rising, falling, linear);
    const concept = scope[0] as number;
    into[2 * concept] = table[0] as number;
    into[2 * concept + 1] = table[1] as number;
    // A child hears of everything but itself. Taking its message off again would be -Infinity less -Infinity where a
    // hard rule forbids the position, so the messages after it are combined with the product of those before it.
    for (let c = children.length - 1; c >= 0; c--) {
      const { bucket, entry, summed } = children[c] as Bucket["children"][number];
      const before = running[c] as Float64Array;
      for (let p = 0; p < size; p++) table[p] = times(before[p] as number, rest[p] as number, linear);
      let left = size;
      for (const bit of summed) {
        left /= 2;
        sumOutBit(table, left, bit, scope, rising, falling, linear);
      }
      const message = down[bucket] as Float64Array;
      for (let p = 0; p < left; p++) message[p] = table[p] as number;
      const back = up[bucket] as Float64Array;
      for (let p = 0; p < size; p++) {
        rest[p] = times(rest[p] as number, back[entry[p] as number] as number, linear);
      }
    }
  }
}

/** Removes one bit of the table in place; `left` positions remain. Reads are never behind the writes. */
function sumOutBit(
  table: Float64Array,
  left: number,
  bit: number,
  scope: readonly number[],
  rising: Leaves,
  falling: Leaves,
  linear: boolean,
): void {
  const step = 2 ** bit;
  const concept = scope[bit] as number;
  for (let p = 0; p < left; p++) {
    const off = ((p >>> bit) << (bit + 1)) | (p & (step - 1));
    table[p] = sumOut(table[off] as number, table[off + step] as number, concept, rising, falling, linear);
  }
}

function times(a: number, b: number, linear: boolean): number {
  return linear ? a * b : a + b;
}

/** `(1 - pi) off + pi on` on the scale of the tree. */
function sumOut(off: number, on: number, concept: number, rising: Leaves, falling: Leaves, linear: boolean): number {
  if (off === on) return off;
  const leaves = on > off ? rising : falling;
  const leafOff = leaves.off[concept] as number;
  const leafOn = leaves.on[concept] as number;
  if (linear) return leafOff * off + leafOn * on;
  const a = leafOff + off;
  const b = leafOn + on;
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}
