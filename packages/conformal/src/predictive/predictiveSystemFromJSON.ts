import { ConformalError } from "../base/errors.ts";
import { checkGroup, type Group } from "../base/group.ts";
import { decodeNumber } from "../base/json.ts";
import { checkAscending, readFlag, readKind, readList, readNumbers, readRecord } from "../base/savedRecord.ts";
import { type CalibratedPredictiveSystem, predictiveSystem, systemFrom } from "./predictiveSystem.ts";

const WHERE = "predictiveSystemFromJSON";

/**
 * The predictive system that `toJSON` described, with the same distributions bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved system; every field is checked
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function predictiveSystemFromJSON(json: unknown): CalibratedPredictiveSystem {
  const saved = readKind(WHERE, json, "parsimony.conformal.predictive-system");
  const [beta, yMin, yMax] = ["beta", "yMin", "yMax"].map((name) => decodeNumber(WHERE, name, saved[name])) as [
    number,
    number,
    number,
  ];
  predictiveSystem({ beta, yMin, yMax });
  const scaled = readFlag(WHERE, saved, "scaled");
  const grouped = readFlag(WHERE, saved, "grouped");
  const residuals = new Map<Group, Float64Array>();
  readList(WHERE, "samples", saved["samples"]).forEach((entry, i) => {
    const sample = readRecord(WHERE, `samples[${i}]`, entry);
    const list = readNumbers(WHERE, `samples[${i}].residuals`, sample["residuals"]);
    checkAscending(WHERE, `samples[${i}].residuals`, list);
    const group = checkGroup(WHERE, sample["group"], i);
    if (list.length === 0 || residuals.has(group) || !list.every(Number.isFinite)) {
      throw new ConformalError("E_JSON", `${WHERE}: samples[${i}] must be a new group of finite residuals`, i);
    }
    residuals.set(group, list);
  });
  if (residuals.size === 0 || (!grouped && !(residuals.size === 1 && residuals.has("")))) {
    throw new ConformalError("E_JSON", `${WHERE}: samples don't go with grouped = ${grouped}`);
  }
  return systemFrom({ beta, yMin, yMax, scaled, grouped, residuals });
}
