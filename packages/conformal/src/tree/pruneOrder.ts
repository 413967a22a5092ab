/** A tree to prune, in an order of its own: a preorder in which the child with the most descendants comes last. */
export interface PruneOrder {
  /** Which node of the original tree stands at each position. */
  readonly nodes: Int32Array;
  /** Position of the parent, -1 for the root. */
  readonly parents: Int32Array;
  /** One past the last descendant's position. */
  readonly ends: Int32Array;
}

/**
 * The order of the nodes that `skip` does not hide; a skipped node is there as a leaf.
 *
 * With the largest child last, a node ends where its last child ends except on the edges to smaller children, of which
 * a path has at most `log2 n`: so few different ends are in use at any position.
 */
export function pruneOrder(parents: ArrayLike<number>, ends: Int32Array, skip: Uint8Array): PruneOrder {
  const n = parents.length;
  const sizes = new Int32Array(n);
  const firstChild = new Int32Array(n).fill(-1);
  const nextSibling = new Int32Array(n).fill(-1);
  const visible: number[] = [];
  for (let i = 0; i < n; i = skip[i] === 1 ? (ends[i] as number) : i + 1) visible.push(i);
  for (let k = visible.length - 1; k >= 0; k--) {
    const i = visible[k] as number;
    sizes[i] = (sizes[i] as number) + 1;
    if (i === 0) continue;
    const parent = parents[i] as number;
    sizes[parent] = (sizes[parent] as number) + (sizes[i] as number);
    const largest = firstChild[parent] as number;
    // The first of the list is visited last: keep the largest child there.
    if (largest < 0 || (sizes[i] as number) > (sizes[largest] as number)) {
      nextSibling[i] = largest;
      firstChild[parent] = i;
    } else {
      nextSibling[i] = nextSibling[largest] as number;
      nextSibling[largest] = i;
    }
  }
  const order = {
    nodes: new Int32Array(visible.length),
    parents: new Int32Array(visible.length),
    ends: new Int32Array(visible.length),
  };
  const stack = [0];
  const above = [-1];
  for (let at = 0; stack.length > 0; at++) {
    const node = stack.pop() as number;
    order.nodes[at] = node;
    order.parents[at] = above.pop() as number;
    order.ends[at] = at + (sizes[node] as number);
    for (let child = firstChild[node] as number; child >= 0; child = nextSibling[child] as number) {
      stack.push(child);
      above.push(at);
    }
  }
  return order;
}
