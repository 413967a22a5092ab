import { type IndexedRule, matters } from "./rule.ts";

/** Concepts that rules tie together, directly or through others, with those rules. */
export interface Component {
  /** Positions of the concepts, ascending. */
  readonly concepts: readonly number[];
  /** Rules that can matter, with positions within `concepts`. */
  readonly rules: readonly IndexedRule[];
}

/** The components that have rules. A concept in none of them keeps its probability. */
export function ruleComponents(conceptCount: number, rules: readonly IndexedRule[]): Component[] {
  const active = rules.filter(matters);
  const parent = Array.from({ length: conceptCount }, (_, i) => i);
  const find = (start: number): number => {
    let i = start;
    while (parent[i] !== i) {
      parent[i] = parent[parent[i] as number] as number;
      i = parent[i] as number;
    }
    return i;
  };
  for (const { body, head } of active) for (const concept of body) parent[find(concept)] = find(head);
  const members = new Map<number, number[]>();
  for (let concept = 0; concept < conceptCount; concept++) {
    const root = find(concept);
    const group = members.get(root);
    if (group === undefined) members.set(root, [concept]);
    else group.push(concept);
  }
  return [...members]
    .filter(([, concepts]) => concepts.length > 1)
    .map(([root, concepts]) => {
      const local = new Map(concepts.map((concept, i) => [concept, i]));
      const at = (concept: number): number => local.get(concept) as number;
      const own = active.filter(({ head }) => find(head) === root);
      return {
        concepts,
        rules: own.map(({ body, head, weight }) => ({ body: body.map(at), head: at(head), weight })),
      };
    });
}
