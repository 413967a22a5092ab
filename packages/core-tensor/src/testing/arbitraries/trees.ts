import fc from "fast-check";
import type { Tree } from "../../tensor/tree.ts";

/** Nested arrays and objects with these leaves; a single leaf, `[]` and `{}` among them. */
export function trees<Leaf>(leaf: fc.Arbitrary<Leaf>): fc.Arbitrary<Tree<Leaf>> {
  const key = fc.constantFrom("weight", "bias", "0", "layers", "a.b", "");
  const { tree } = fc.letrec<{ tree: Tree<Leaf> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf as fc.Arbitrary<Tree<Leaf>>,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  return tree;
}
