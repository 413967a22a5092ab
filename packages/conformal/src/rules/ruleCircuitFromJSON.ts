import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";
import type { Rule } from "./rule.ts";
import { type RuleCircuit, ruleCircuit } from "./ruleCircuit.ts";
import { savedList, savedRecord } from "./savedRecord.ts";

const WHERE = "ruleCircuitFromJSON";

/**
 * The circuit that `toJSON` described, with the same results bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved circuit; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function ruleCircuitFromJSON(json: unknown): RuleCircuit {
  const saved = savedRecord(WHERE, json, "parsimony.conformal.rule-circuit");
  const { signed } = saved;
  if (typeof signed !== "boolean") throw new ConformalError("E_JSON", `${WHERE}: signed must be true or false`);
  return ruleCircuit({
    concepts: savedList(WHERE, saved, "concepts") as readonly string[],
    rules: savedList(WHERE, saved, "rules").map(readRule),
    signed,
    maxTreewidth: decodeNumber(WHERE, "maxTreewidth", saved["maxTreewidth"]),
  });
}

function readRule(value: unknown, index: number): Rule {
  const fields: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {};
  const { if: body, then } = fields;
  if (!Array.isArray(body) || typeof then !== "string") {
    throw new ConformalError("E_JSON", `${WHERE}: rules[${index}] must have "if" and "then"`, index);
  }
  return { if: body as string[], then, weight: decodeNumber(WHERE, `rules[${index}].weight`, fields["weight"]) };
}
