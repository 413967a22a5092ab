import { ConformalError } from "../base/errors.ts";

/**
 * A weighted Horn rule between concepts: "when all of `if` hold, `then` holds". An assignment that breaks the rule is
 * `exp(weight)` times less likely than without it.
 */
export interface Rule {
  /** One concept, or several that must hold together. */
  readonly if: string | readonly string[];
  readonly then: string;
  /** >= 0; Infinity forbids breaking the rule. Negative (the rule tends to be broken) with `signed: true` only. */
  readonly weight: number;
}

/** A rule with concepts as positions; each body without repeats. */
export interface IndexedRule {
  readonly body: readonly number[];
  readonly head: number;
  readonly weight: number;
}

/** The rules with concept positions for names, checked; as many as were given and in the same order. */
export function indexRules(
  where: string,
  concepts: readonly string[],
  rules: readonly Rule[],
  signed: boolean,
): IndexedRule[] {
  const positions = new Map<string, number>();
  concepts.forEach((name, i) => {
    if (typeof name !== "string" || name === "" || positions.has(name)) {
      const message = `${where}: concepts[${i}] must be a name of its own, got ${JSON.stringify(name)}`;
      throw new ConformalError("E_RULES", message, i);
    }
    positions.set(name, i);
  });
  if (positions.size === 0) throw new ConformalError("E_RULES", `${where}: needs at least one concept, got none`);
  const position = (name: string, rule: number): number => {
    const found = positions.get(name);
    if (found !== undefined) return found;
    const message = `${where}: rules[${rule}] names ${JSON.stringify(name)}, which is none of the concepts`;
    throw new ConformalError("E_RULES", message, rule);
  };
  return rules.map((rule, i) => {
    const names = typeof rule.if === "string" ? [rule.if] : rule.if;
    const body = [...new Set(names.map((name) => position(name, i)))];
    if (body.length === 0) throw new ConformalError("E_RULES", `${where}: rules[${i}] has an empty "if"`, i);
    checkWeight(where, rule.weight, i, signed);
    return { body, head: position(rule.then, i), weight: rule.weight };
  });
}

function checkWeight(where: string, weight: number, index: number, signed: boolean): void {
  if (typeof weight !== "number" || Number.isNaN(weight)) {
    throw new ConformalError("E_NAN", `${where}: the weight of rules[${index}] is not a number, got ${weight}`, index);
  }
  if (weight < 0 && !signed) {
    const hint = "pass signed: true if the rule is meant to be broken more often than not";
    const message = `${where}: the weight of rules[${index}] must be >= 0, got ${weight}; ${hint}`;
    throw new ConformalError("E_WEIGHTS", message, index);
  }
}

/** Can the rule change any probability? Not with weight 0, and not when its head is in its body. */
export function matters(rule: IndexedRule): boolean {
  return rule.weight !== 0 && !rule.body.includes(rule.head);
}

/**
 * The logarithm of the rule's factor for an assignment, scaled so that the better case is 0: an overall factor cancels
 * in every probability, and values of at most 0 cannot overflow.
 */
export function logFactor(rule: IndexedRule, holds: (concept: number) => boolean): number {
  const satisfied = holds(rule.head) || !rule.body.every(holds);
  return satisfied ? Math.min(0, rule.weight) : Math.min(0, -rule.weight);
}
