import { parse } from "acorn";
import { expect, test } from "vitest";
import {
  type ESTreeNode,
  estreeAdapter,
  flattenTree,
  plainTreeAdapter,
  renderPartial,
} from "@parsimony/conformal/tree";
import { codeOf } from "../codeOf.ts";

const source = "// Adds.\nconst sum = ( a,\n  b ) => a + b;  // done\n";
const tree = flattenTree(parse(source, { ecmaVersion: "latest" }) as ESTreeNode, estreeAdapter);
const at = (label: string, from = 0): number => tree.labels.findIndex((text, i) => i >= from && text.includes(label));

test("the layout of kept parts stays", () => {
  const holes = [at('"b"'), at("BinaryExpression")];
  expect(renderPartial({ tree, holes }, { source })).toBe("// Adds.\nconst sum = ( a,\n  □ ) => □;  // done\n");
  expect(renderPartial({ tree, holes }, { source, hole: (index) => `⟨${index}⟩` })).toContain("⟨0⟩ ) => ⟨1⟩;");
  expect(renderPartial({ tree, holes: [] }, { source })).toBe(source);
  expect(renderPartial({ tree, holes: [0] }, { source, hole: "..." })).toBe("...");
});

test("without a source, labels", () => {
  const flat = flattenTree(
    {
      label: "a",
      children: [
        { label: "b", children: [{ label: "c" }] },
        { label: "d", children: [{ label: "e" }] },
      ],
    },
    plainTreeAdapter,
  );
  expect(renderPartial({ tree: flat, holes: [] })).toBe("a(b(c), d(e))");
  expect(renderPartial({ tree: flat, holes: [2, 3] })).toBe("a(b(□), □)");
  expect(renderPartial({ tree: flat, holes: [0] })).toBe("□");
  expect(renderPartial({ tree, holes: [1] })).toMatch(/^Program body\*\(□\)$/);
});

test("a source that is too short", () => {
  expect(codeOf(() => renderPartial({ tree, holes: [at("BinaryExpression")] }, { source: "x" }))).toBe("E_TREE at 0");
});
