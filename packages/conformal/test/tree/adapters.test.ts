import { parse } from "acorn";
import ts from "typescript";
import { expect, test } from "vitest";
import {
  type ESTreeNode,
  type TreeAdapter,
  type TreeSitterNode,
  covers,
  estreeAdapter,
  flattenTree,
  jsonAdapter,
  nodeCosts,
  renderPartial,
  tokenCosts,
  treeSitterAdapter,
  typescriptAdapter,
} from "@parsimony/conformal/tree";
import { readSpans } from "../../src/tree/tokenCosts.ts";
import { codeOf } from "../codeOf.ts";

const acorn = (source: string): ESTreeNode => parse(source, { ecmaVersion: "latest", sourceType: "module" });
const typescript = typescriptAdapter<ts.Node>(ts);
const tsTree = (source: string): ts.Node => ts.createSourceFile("x.tsx", source, ts.ScriptTarget.ESNext, true);

const same = <T>(adapter: TreeAdapter<T>, a: T, b: T): boolean =>
  covers({ tree: flattenTree(a, adapter), holes: [] }, b);

/** Pairs of programs that differ. */
const different: [string, string][] = [
  ["a + b", "a - b"],
  ["a + b", "b + a"],
  ["let a = 1", "const a = 1"],
  ["var a", "var b"],
  ["f(1)", "f(1n)"],
  ["f('1')", "f(1)"],
  ["f(true)", "f(false)"],
  ["f(null)", "f('null')"],
  ["f(null)", "f(false)"],
  ["f(/a/g)", "f(/a/i)"],
  ["for (; x; );", "for (x; ; );"],
  ["[, a]", "[a, ]"],
  ["a?.b", "a.b"],
  ["a[b]", "a.b"],
  ["({ a })", "({ a: b })"],
  ["({ [a]: b })", "({ a: b })"],
  ["-a", "+a"],
  ["++a", "a++"],
  ["class A { static a() {} }", "class A { a() {} }"],
  ["class A { get a() { return 1 } }", "class A { a() { return 1 } }"],
  ["class A { #a }", "class A { a }"],
  ["async () => {}", "() => {}"],
  ["function* f() {}", "function f() {}"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a program's text
  ["`a${b}c`", "`a${b}d`"],
  ["import a from 'b'", "import { a } from 'b'"],
  ["import * as a from 'b'", "import a from 'b'"],
  ["export { a as b }; var a", "export { a }; var a"],
  ["if (a) b; else c;", "if (a) b;"],
  ["try { a } catch {}", "try { a } finally {}"],
  ["new a", "a()"],
  ["f(...a)", "f(a)"],
  ["while (a) break", "while (a) continue"],
];

/** Pairs that differ in layout alone. */
const equal: [string, string][] = [
  ["a+b", "a +  // comment\n b"],
  ["f('a')", 'f("a")'],
  ["f(1)", "f(1.0)"],
  ["a;b", "a\nb"],
  ["({ a, b })", "({a,\nb})"],
  ["/* doc */ function f(a) { return a }", "function f(a) {\n  return a;\n}"],
];

test("estree: labels tell programs apart, and nothing else", () => {
  for (const [a, b] of different) expect(same(estreeAdapter, acorn(a), acorn(b)), `${a} | ${b}`).toBe(false);
  for (const [a, b] of equal) expect(same(estreeAdapter, acorn(a), acorn(b)), `${a} | ${b}`).toBe(true);
});

test("typescript: labels tell programs apart, and nothing else", () => {
  const own: [string, string][] = [
    ["let a: string", "let a: number"],
    ["let a: keyof B", "let a: readonly B[]"],
    ["class A extends B {}", "class A implements B {}"],
    ["import type { a } from 'b'", "import { a } from 'b'"],
    ["<a b />", "<a c />"],
  ];
  for (const [a, b] of [...different, ...own]) {
    expect(same(typescript, tsTree(a), tsTree(b)), `${a} | ${b}`).toBe(false);
  }
  for (const [a, b] of equal) expect(same(typescript, tsTree(a), tsTree(b)), `${a} | ${b}`).toBe(true);
});

test.each([
  ["estree", (source: string) => readSpans(flattenTree(acorn(source), estreeAdapter))],
  ["typescript", (source: string) => readSpans(flattenTree(tsTree(source), typescript))],
] as const)("%s: spans are nested and in order", (_, read) => {
  for (const [a, b] of [...different, ...equal])
    for (const source of [a, b]) expect(read(source)[0]!.end).toBe(source.length);
});

test("estree: Babel's and espree's trees", () => {
  // As @babel/parser 7.29 gives for `f({ a }, "s")`, without the positions of lines.
  const at = (start: number, end: number) => ({ start, end, loc: {} });
  const name = { type: "Identifier", ...at(4, 5), name: "a" };
  const property = { type: "ObjectProperty", ...at(4, 5), method: false, key: name, computed: false, shorthand: true };
  const call = {
    type: "CallExpression",
    ...at(0, 13),
    callee: { type: "Identifier", ...at(0, 1), name: "f" },
    arguments: [
      { type: "ObjectExpression", ...at(2, 7), properties: [{ ...property, value: name, extra: { shorthand: true } }] },
      { type: "StringLiteral", ...at(9, 12), extra: { rawValue: "s", raw: '"s"' }, value: "s" },
    ],
  };
  const babel = flattenTree<ESTreeNode>(call, estreeAdapter);
  expect(babel.labels).toEqual([
    "CallExpression arguments* callee",
    'Identifier name="f"',
    "ObjectExpression properties*",
    "ObjectProperty shorthand=true value",
    'Identifier name="a"',
    'StringLiteral value="s"',
  ]);
  expect(renderPartial({ tree: babel, holes: [2] }, { source: 'f({ a }, "s")' })).toBe('f(□, "s")');
  // As espree 11 gives with `range`.
  const espree = { type: "Identifier", range: [3, 4], name: "a", parent: call };
  expect(estreeAdapter.span?.(espree as ESTreeNode)).toEqual({ start: 3, end: 4 });
  expect(flattenTree<ESTreeNode>(espree, estreeAdapter).labels).toEqual(['Identifier name="a"']);
  const bare = { type: "Identifier", name: "a" };
  expect(codeOf(() => tokenCosts<ESTreeNode>(bare, [], estreeAdapter))).toBe("E_TREE");
});

test("estree: an expression of twenty thousand levels", () => {
  let deep: object = { type: "Identifier", name: "a", start: 0, end: 1 };
  for (let i = 1; i <= 20_000; i++)
    deep = { type: "UnaryExpression", operator: "-", argument: deep, start: -i, end: 1 };
  const tree = flattenTree(deep as ESTreeNode, estreeAdapter);
  expect(tree.labels[0]).toBe('UnaryExpression argument operator="-"');
  expect(tree.labels.length).toBe(20_001);
});

test("typescript: text of holes", () => {
  const source = "// First.\nexport const sum = (a: number) => a * 2; // last\n";
  const tree = flattenTree(tsTree(source), typescript);
  const hole = tree.labels.findIndex((label) => label.startsWith("BinaryExpression"));
  expect(renderPartial({ tree, holes: [hole] }, { source })).toBe(
    "// First.\nexport const sum = (a: number) => □; // last\n",
  );
});

interface Made extends TreeSitterNode {
  readonly children: readonly (Made | null)[];
}

/** Nodes in the form that tree-sitter has, for a text and a tree of types with the text of leaves. */
function sitter(source: string, sketch: readonly [string, ...unknown[]], from = 0): Made {
  const [type, ...parts] = sketch;
  const isNamed = /^\w+$/.test(type) && type !== "if";
  const [only] = parts;
  if (parts.length === 0 || typeof only === "string") {
    const text = typeof only === "string" ? only : type;
    const startIndex = source.indexOf(text, from);
    return { type, isNamed, text, startIndex, endIndex: startIndex + text.length, children: [] };
  }
  let at = from;
  const children = parts.map((part) => {
    const child = sitter(source, part as [string, ...unknown[]], at);
    at = child.endIndex;
    return child;
  });
  const startIndex = children[0]!.startIndex;
  return { type, isNamed, text: source.slice(startIndex, at), startIndex, endIndex: at, children };
}

test("tree-sitter: named nodes, with the other tokens in the label", () => {
  const source = "f(a, x + 1)  # note";
  const sum = (operator: string) => ["binary_operator", ["identifier", "x"], [operator], ["integer", "1"]] as const;
  const sketch = (operator: string) =>
    [
      "call",
      ["identifier", "f"],
      ["argument_list", ["("], ["identifier", "a"], [","], sum(operator), [")"]],
      ["comment", "# note"],
    ] as const;
  const root = sitter(source, sketch("+"));
  const tree = flattenTree<TreeSitterNode>(root, treeSitterAdapter);
  expect(tree.labels).toEqual([
    "call _",
    'identifier "f"',
    "argument_list ( _ )",
    'identifier "a"',
    "binary_operator _ + _",
    'identifier "x"',
    'integer "1"',
  ]);
  expect(renderPartial({ tree, holes: [4] }, { source })).toBe("f(a, □)  # note");
  const other = sitter(source.replace("+", "*"), sketch("*"));
  expect(covers({ tree, holes: [] }, other)).toBe(false);
  expect(covers({ tree, holes: [4] }, other)).toBe(true);
  const tokens = [...source.matchAll(/\w+|\S/g)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
    logprob: -1,
  }));
  // f, (a, x + 1): parentheses and comma are the list's, the comment's two tokens the call's.
  expect([...tokenCosts<TreeSitterNode>(root, tokens, treeSitterAdapter).costs]).toEqual([2, 1, 3, 1, 1, 1, 1]);
});

test("json: keys in any order, values as leaves", () => {
  const value = { b: [1, "x", null], a: { c: true } };
  const tree = nodeCosts(value, () => 1, jsonAdapter);
  expect(tree.labels).toEqual(['object ["a","b"]', 'object ["c"]', "true", "array", "1", '"x"', "null"]);
  expect(covers({ tree, holes: [5] }, { a: { c: true }, b: [1, { any: "thing" }, null] })).toBe(true);
  expect(covers({ tree, holes: [] }, { a: { c: true }, b: [1, "x"] })).toBe(false);
  expect(renderPartial({ tree, holes: [1] })).toBe('object ["a","b"](□, array(1, "x", null))');
});
