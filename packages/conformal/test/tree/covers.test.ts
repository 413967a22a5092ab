import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlainTree, covers, flattenTree, plainTreeAdapter, pruneTree } from "@parsimony/conformal/tree";
import { codeOf } from "../codeOf.ts";

const node = (label: string, ...children: PlainTree[]): PlainTree => ({ label, children });
const partialOf = (tree: PlainTree, holes: readonly number[]) => ({ tree: flattenTree(tree, plainTreeAdapter), holes });

test("a hole stands for any one subtree", () => {
  const predicted = node("call", node("f"), node("a"), node("b"));
  const partial = partialOf(predicted, [2]);
  expect(covers(partial, predicted)).toBe(true);
  expect(covers(partial, node("call", node("f"), node("g", node("x"), node("y")), node("b")))).toBe(true);
  expect(covers(partial, node("call", node("f"), node("a"), node("c")))).toBe(false);
  expect(covers(partial, node("call", node("g"), node("a"), node("b")))).toBe(false);
  expect(covers(partial, node("new", node("f"), node("a"), node("b")))).toBe(false);
  expect(covers(partial, node("call", node("f"), node("b")))).toBe(false);
  expect(covers(partial, node("call", node("f"), node("a"), node("a"), node("b")))).toBe(false);
  expect(covers(partialOf(predicted, [0]), node("anything"))).toBe(true);
});

test("with spans, a hole stands for any run of siblings", () => {
  const span = { holeMatches: "span" } as const;
  const partial = partialOf(node("call", node("f"), node("a"), node("b")), [2]);
  expect(covers(partial, node("call", node("f"), node("b")), span)).toBe(true);
  expect(covers(partial, node("call", node("f"), node("x"), node("b"), node("y"), node("b")), span)).toBe(true);
  expect(covers(partial, node("call", node("f"), node("x"), node("b"), node("y")), span)).toBe(false);
  expect(covers(partial, node("call", node("b"), node("f")), span)).toBe(false);
  expect(covers(partialOf(node("a"), [0]), node("b"), span)).toBe(true);
  // Without holes nothing changes.
  expect(covers(partialOf(node("a", node("b")), []), node("a"), span)).toBe(false);
  expect(covers(partialOf(node("a"), []), node("a", node("b")), span)).toBe(false);
});

const treeOf = (letters: string): fc.Arbitrary<PlainTree> =>
  fc.letrec<{ tree: PlainTree; branch: PlainTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...letters).map((label) => node(label)),
      tie("branch"),
    ),
    branch: fc
      .tuple(fc.constantFrom(...letters), fc.array(tie("tree"), { maxLength: 3 }))
      .map(([label, children]) => node(label, ...children)),
  })).branch;

/** Roots of disjoint subtrees, from a list of draws. */
function holesFrom(tree: PlainTree, draws: readonly number[]): number[] {
  const { ends } = flattenTree(tree, plainTreeAdapter);
  const holes: number[] = [];
  for (const draw of draws) {
    const hole = draw % ends.length;
    if (holes.every((other) => (ends[other] as number) <= hole || (ends[hole] as number) <= other)) holes.push(hole);
  }
  return holes.sort((a, b) => a - b);
}

/** The definition, by recursion over every split of the target's children. */
function slowly(tree: PlainTree, holes: ReadonlySet<PlainTree>, target: PlainTree, span: boolean): boolean {
  const list = (mine: readonly PlainTree[], theirs: readonly PlainTree[]): boolean => {
    const [first, ...rest] = mine;
    if (first === undefined) return theirs.length === 0;
    if (!holes.has(first)) {
      return theirs.length > 0 && slowly(first, holes, theirs[0]!, span) && list(rest, theirs.slice(1));
    }
    if (!span) return theirs.length > 0 && list(rest, theirs.slice(1));
    return Array.from({ length: theirs.length + 1 }, (_, taken) => taken).some((taken) =>
      list(rest, theirs.slice(taken)),
    );
  };
  if (holes.has(tree)) return true;
  return tree.label === target.label && list(tree.children ?? [], target.children ?? []);
}

test("both ways of matching equal their definitions", () => {
  const yes = { one: 0, span: 0 };
  fc.assert(
    fc.property(treeOf("ab"), treeOf("ab"), fc.array(fc.nat(), { maxLength: 4 }), fc.boolean(), (a, b, draws, self) => {
      const target = self ? regrown(a, draws) : b;
      const partial = partialOf(a, holesFrom(a, draws));
      const holes = new Set(partial.holes.map((hole) => partial.tree.nodes[hole] as PlainTree));
      for (const holeMatches of ["one", "span"] as const) {
        const found = covers(partial, target, { holeMatches });
        expect(found).toBe(slowly(a, holes, target, holeMatches === "span"));
        if (found) yes[holeMatches]++;
      }
    }),
    { numRuns: 1000 },
  );
  expect(yes.one).toBeGreaterThan(150);
  expect(yes.span).toBeGreaterThan(yes.one);
});

/** A tree with the subtrees at the holes doubled or dropped, as spans allow. */
function regrown(tree: PlainTree, draws: readonly number[]): PlainTree {
  const { nodes } = flattenTree(tree, plainTreeAdapter);
  const holes = new Set(holesFrom(tree, draws).map((hole) => nodes[hole] as PlainTree));
  const copy = (from: PlainTree): PlainTree => ({
    label: from.label,
    children: (from.children ?? []).flatMap((child, i) =>
      holes.has(child) ? Array.from({ length: (draws[i] ?? 0) % 3 }, () => node("new")) : [copy(child)],
    ),
  });
  return copy(tree);
}

test("a partial tree covers its own program, and further holes never undo a match", () => {
  fc.assert(
    fc.property(treeOf("ab"), treeOf("ab"), fc.array(fc.nat(), { maxLength: 3 }), fc.nat(), (a, b, draws, more) => {
      const { ends } = flattenTree(a, plainTreeAdapter);
      const holes = holesFrom(a, draws);
      const hole = more % ends.length;
      const inside = holes.some((other) => other <= hole && hole < (ends[other] as number));
      const larger = inside
        ? holes
        : [...holes.filter((o) => o < hole || o >= (ends[hole] as number)), hole].sort((x, y) => x - y);
      for (const holeMatches of ["one", "span"] as const) {
        expect(covers(partialOf(a, holes), a, { holeMatches })).toBe(true);
        if (covers(partialOf(a, holes), b, { holeMatches })) {
          expect(covers(partialOf(a, larger), b, { holeMatches })).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("a hundred thousand nodes deep", () => {
  let deep = node("leaf");
  for (let i = 0; i < 100_000; i++) deep = node("n", deep);
  const tree = flattenTree(deep, plainTreeAdapter);
  const { holes } = pruneTree(
    { parents: tree.parents, costs: new Float64Array(tree.nodes.length).fill(1) },
    { budget: 99_999, maxHoles: 2 },
  );
  for (const holeMatches of ["one", "span"] as const) {
    expect(covers({ tree, holes }, deep, { holeMatches })).toBe(true);
    expect(covers({ tree, holes }, node("n", node("m")), { holeMatches })).toBe(false);
  }
});

test("bad input", () => {
  const partial = partialOf(node("a"), []);
  expect(codeOf(() => covers(partial, node("a"), { holeMatches: "many" as "one" }))).toBe("E_RANGE");
});
