/** Disjoint sets of whole numbers (Tarjan 1975), the smallest member standing for each. */
export interface DisjointSets {
  /** A new set with one member. */
  add(): number;
  find(member: number): number;
  union(a: number, b: number): void;
}

export function disjointSets(): DisjointSets {
  const parents: number[] = [];
  const find = (member: number): number => {
    let root = member;
    while (parents[root] !== root) root = parents[root] as number;
    for (let at = member; at !== root; ) {
      const next = parents[at] as number;
      parents[at] = root;
      at = next;
    }
    return root;
  };
  return {
    add() {
      parents.push(parents.length);
      return parents.length - 1;
    },
    find,
    union(a, b) {
      const [left, right] = [find(a), find(b)];
      if (left < right) parents[right] = left;
      else if (right < left) parents[left] = right;
    },
  };
}
