import { parseExpressionAt } from "acorn";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ESTreeNode,
  type PlainTree,
  alignTokens,
  estreeAdapter,
  flattenTree,
  nodeCosts,
  plainTreeAdapter,
  tokenCosts,
} from "@parsimony/conformal/tree";
import { codeOf } from "../codeOf.ts";

const span = (start: number, end: number, children: PlainTree[] = []): PlainTree => ({
  label: `${start}-${end}`,
  children,
  span: { start, end },
});
//                 0123456789
// f(aa, bb):      f(aa,bb)..
const call = span(0, 10, [span(1, 4), span(5, 8, [span(5, 6), span(7, 8)])]);

const costsOf = (tokens: [number, number][], tree = call): number[] => {
  const list = tokens.map(([start, end], t) => ({ start, end, logprob: -(2 ** t) }));
  return [...tokenCosts(tree, list, plainTreeAdapter).costs];
};

test("a token belongs to the deepest node around it, and a straddling one to the lowest common ancestor", () => {
  expect(flattenTree(call, plainTreeAdapter).labels).toEqual(["0-10", "1-4", "5-8", "5-6", "7-8"]);
  expect(costsOf([[1, 4]])).toEqual([0, 1, 0, 0, 0]);
  expect(costsOf([[5, 6]])).toEqual([0, 0, 0, 1, 0]);
  expect(costsOf([[6, 7]])).toEqual([0, 0, 1, 0, 0]);
  expect(costsOf([[5, 8]])).toEqual([0, 0, 1, 0, 0]);
  expect(costsOf([[5, 7]])).toEqual([0, 0, 1, 0, 0]);
  expect(costsOf([[3, 6]])).toEqual([1, 0, 0, 0, 0]);
  expect(costsOf([[0, 10]])).toEqual([1, 0, 0, 0, 0]);
  // Tokens without extent go to what follows them.
  expect(costsOf([[7, 7]])).toEqual([0, 0, 0, 0, 1]);
  expect(costsOf([[8, 8]])).toEqual([1, 0, 0, 0, 0]);
  expect(costsOf([[10, 10]])).toEqual([1, 0, 0, 0, 0]);
});

test("tokens may overlap and come in any order", () => {
  expect(
    costsOf([
      [7, 8],
      [1, 2],
      [0, 1],
      [2, 4],
    ]),
  ).toEqual([4, 2 + 8, 0, 0, 1]);
});

test("every token is charged once, to the deepest node that contains it", () => {
  const cut = fc.uniqueArray(fc.nat(40), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 5 }), cut, fc.nat(), (levels, cuts, shift) => {
      // Each level splits the spans of the one above wherever it has cuts inside of them; some pieces are left out.
      const build = (start: number, end: number, depth: number): PlainTree => {
        const inner = (levels[depth] ?? []).filter((at) => at > start && at < end).sort((a, b) => a - b);
        const bounds = [start, ...inner, end];
        const pieces = bounds.slice(1).map((to, i) => [bounds[i] as number, to] as const);
        const used = inner.length === 0 ? [] : pieces.filter((_, i) => (i + shift + depth) % 3 !== 0);
        return span(
          start,
          end,
          used.map(([from, to]) => build(from, to, depth + 1)),
        );
      };
      const tree = build(0, 41, 0);
      const edges = [0, ...cuts.filter((at) => at > 0).sort((a, b) => a - b), 41];
      const tokens = edges.slice(1).map((end, i) => ({ start: edges[i] as number, end, logprob: -(i + 1) / 8 }));
      const { costs, nodes, parents } = tokenCosts(tree, tokens, plainTreeAdapter);
      const slow = new Float64Array(nodes.length);
      for (const { start, end, logprob } of tokens) {
        const depth = (i: number): number => (i < 0 ? -1 : 1 + depth(parents[i] as number));
        const around = nodes.flatMap((node, i) =>
          (node.span?.start ?? 0) <= start && end <= (node.span?.end ?? 0) ? [i] : [],
        );
        const owner = around.reduce((a, b) => (depth(b) > depth(a) ? b : a));
        slow[owner] = (slow[owner] as number) - logprob;
      }
      expect(costs).toEqual(slow);
      expect(costs.reduce((a, b) => a + b)).toBe(tokens.reduce((sum, { logprob }) => sum - logprob, 0));
    }),
    { numRuns: 200 },
  );
});

test("space around a token is no part of it when the source is there", () => {
  const source = "  f( aa )\n";
  const tree = parseExpressionAt(source, 0, { ecmaVersion: "latest" }) as ESTreeNode;
  const texts = ["  f", "(", " aa", " )", "\n"];
  const tokens = alignTokens(
    source,
    texts.map((text, t) => ({ text, logprob: -(2 ** t) })),
  );
  const { costs, labels } = tokenCosts(tree, tokens, estreeAdapter, { source });
  expect(labels).toEqual(["CallExpression arguments* callee", 'Identifier name="f"', 'Identifier name="aa"']);
  expect([...costs]).toEqual([2 + 8 + 16, 1, 4]);
  // Without it, the first token begins before the tree does.
  expect(codeOf(() => tokenCosts(tree, tokens, estreeAdapter))).toBe("E_TREE at 0");
});

test("impossible tokens cost Infinity", () => {
  const tokens = [{ start: 1, end: 4, logprob: -Infinity }];
  expect([...tokenCosts(call, tokens, plainTreeAdapter).costs]).toEqual([0, Infinity, 0, 0, 0]);
});

test("a hundred thousand nodes deep, with a token each", () => {
  const depth = 100_000;
  let tree = span(0, depth);
  for (let end = depth; end < 2 * depth; end++) tree = span(0, end + 1, [tree]);
  const tokens = Array.from({ length: depth }, (_, i) => ({ start: depth + i, end: depth + i + 1, logprob: -1 }));
  const { costs } = tokenCosts(tree, tokens, plainTreeAdapter);
  expect(costs.every((cost, i) => cost === (i < depth ? 1 : 0))).toBe(true);
});

test("bad input", () => {
  const one = [{ start: 0, end: 1, logprob: -1 }];
  const withToken = (token: object) =>
    codeOf(() => tokenCosts(call, [one[0]!, { ...one[0]!, ...token }], plainTreeAdapter));
  expect(withToken({ logprob: Number.NaN })).toBe("E_NAN at 1");
  expect(withToken({ logprob: 0.5 })).toBe("E_RANGE at 1");
  expect(withToken({ end: 11 })).toBe("E_TREE at 1");
  expect(withToken({ start: -1 })).toBe("E_TREE at 1");
  expect(withToken({ start: 2 })).toBe("E_TREE at 1");
  expect(codeOf(() => tokenCosts(span(0, 4, [span(2, 5)]), one, plainTreeAdapter))).toBe("E_TREE at 1");
  expect(codeOf(() => tokenCosts(span(0, 4, [span(0, 2), span(1, 3)]), one, plainTreeAdapter))).toBe("E_TREE at 2");
  expect(codeOf(() => tokenCosts({ label: "no span" }, one, plainTreeAdapter))).toBe("E_TREE at 0");
  const { children, label } = plainTreeAdapter;
  expect(codeOf(() => tokenCosts(call, one, { children, label }))).toBe("E_TREE");
  const loop: PlainTree & { children: PlainTree[] } = { label: "loop", children: [] };
  loop.children.push({ label: "in between", children: [loop] });
  expect(codeOf(() => flattenTree<PlainTree>(loop, plainTreeAdapter))).toBe("E_TREE at 2");
  expect(codeOf(() => nodeCosts(call, () => -1, plainTreeAdapter))).toBe("E_TREE at 0");
  expect(codeOf(() => nodeCosts(call, () => Number.NaN, plainTreeAdapter))).toBe("E_NAN at 0");
  expect(codeOf(() => alignTokens("ab", [{ text: "a", logprob: 0 }]))).toBe("E_TREE at 1");
  expect(codeOf(() => alignTokens("ab", [{ text: "b", logprob: 0 }]))).toBe("E_TREE at 0");
});
