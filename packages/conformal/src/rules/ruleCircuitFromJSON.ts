import { ConformalError } from "../base/errors.ts";
import { decodeNumber } from "../base/json.ts";
import { readFlag, readKind, readList } from "../base/savedRecord.ts";
import type { Rule } from "./rule.ts";
import { type RuleCircuit, ruleCircuit } from "./ruleCircuit.ts";

const WHERE = "ruleCircuitFromJSON";

/**
 * The circuit that `toJSON` described, with the same results bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved circuit; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function ruleCircuitFromJSON(json: unknown): RuleCircuit {
  const saved = readKind(WHERE, json, "parsimony.conformal.rule-circuit");
  return ruleCircuit({
    concepts: readList(WHERE, "concepts", saved["concepts"]) as readonly string[],
    rules: readList(WHERE, "rules", saved["rules"]).map(readRule),
    signed: readFlag(WHERE, saved, "signed"),
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
