import { type CostTree, type PlainTree, nodeCosts, plainTreeAdapter } from "@parsimony/conformal/tree";

/** `a .05 [b .1 [c 1.2, d .3], e .2 [f .9 [g .4], h .05], i .6]` */
const golden: PlainTree = {
  label: "a",
  children: [
    { label: "b", children: [{ label: "c" }, { label: "d" }] },
    { label: "e", children: [{ label: "f", children: [{ label: "g" }] }, { label: "h" }] },
    { label: "i" },
  ],
};
const cost: Record<string, number> = { a: 0.05, b: 0.1, c: 1.2, d: 0.3, e: 0.2, f: 0.9, g: 0.4, h: 0.05, i: 0.6 };

export const goldenTree: CostTree<PlainTree> = nodeCosts(
  golden,
  ({ label }) => cost[label] as number,
  plainTreeAdapter,
);
