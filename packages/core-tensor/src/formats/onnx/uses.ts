import type { GraphProto, NodeProto } from "./schema.ts";

/** How often each name is read, also from the graphs inside. */
export function countUses(nodes: readonly NodeProto[], uses: Map<string, number> = new Map()): Map<string, number> {
  const read = (name: string): unknown => uses.set(name, (uses.get(name) ?? 0) + 1);
  const inside = ({ node, output }: GraphProto): void => {
    countUses(node, uses);
    for (const { name } of output) read(name);
  };
  for (const { input, attribute = [] } of nodes) {
    input.forEach(read);
    for (const { g, graphs = [] } of attribute) [...(g === undefined ? [] : [g]), ...graphs].forEach(inside);
  }
  return uses;
}
