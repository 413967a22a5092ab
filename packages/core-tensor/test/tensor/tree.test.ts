import fc from "fast-check";
import { expect, test } from "vitest";
import { tensor } from "../../src/tensor/create.ts";
import { ArgumentError } from "../../src/tensor/errors.ts";
import { type Tensor, isTensor } from "../../src/tensor/tensor.ts";
import { flattenTree, mapTree, mapTrees, treeLeaves, unflattenTree } from "../../src/tensor/tree.ts";

const leaf = fc.integer().map((value) => tensor(value));
const key = fc.oneof(fc.string(), fc.constantFrom('a"b', "*", "x.y", "[", "__proto__x"));
const tree = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).tree;

test("flatten and unflatten are inverse, whatever the keys", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const flat = flattenTree(value, isTensor);
      const back = unflattenTree(flat.structure, flat.leaves);
      const again = flattenTree(back, isTensor);
      expect(again.structure).toBe(flat.structure);
      expect(again.paths).toEqual(flat.paths);
      expect(again.leaves.every((t, i) => t === flat.leaves[i])).toBe(true);
    }),
  );
});

test("the order of keys does not matter", () => {
  const [a, b] = [tensor(1), tensor(2)];
  expect(flattenTree({ b, a }, isTensor)).toEqual(flattenTree({ a, b }, isTensor));
  expect(flattenTree({ layers: [{ w: a }], b }, isTensor).paths).toEqual(["b", "layers.0.w"]);
});

test("mapping keeps the nesting", () => {
  const params = { w: tensor([1, 2]), layers: [tensor(3)] };
  expect(mapTree((t, path) => `${path}:${t.size}`, params)).toEqual({ w: "w:2", layers: ["layers.0:1"] });
  expect(mapTrees((a, b) => a.item() + b.item(), { x: tensor(1) }, { x: tensor(2) })).toEqual({ x: 3 });
  expect(treeLeaves(params)).toHaveLength(2);
});

test("what is no tree is named by its path", () => {
  expect(() => flattenTree({ a: [new Date()] }, isTensor)).toThrow(
    /a\.0: expected a tensor, an array or a plain object, got Date/,
  );
  expect(() => mapTrees((x: Tensor) => x, { a: tensor(1) }, { b: tensor(1) } as never)).toThrow(ArgumentError);
  expect(() => unflattenTree("[*,*]", [1])).toThrow(RangeError);
});

test("keys that look like numbers keep their values", () => {
  const isNumber = (value: unknown): value is number => typeof value === "number";
  const tree = { "10": 1, "2": 2, "": 3, a: { "1": 4, "": 5 } };
  const { leaves, structure } = flattenTree(tree, isNumber);
  expect(unflattenTree(structure, leaves)).toEqual(tree);
});
