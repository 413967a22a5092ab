import { readKind, readList, readNumbers } from "../base/savedRecord.ts";
import { checkLength } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type JsonNumber, decodeNumber, encodeNumber } from "../base/json.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import { readBounds, readConceptRows, readConcepts } from "./concepts.ts";
import type { RuleCircuit, RuleCircuitJSON } from "./ruleCircuit.ts";
import { ruleCircuitFromJSON } from "./ruleCircuitFromJSON.ts";
import type { RuleBounds, RuleBoundsOptions, RuleModel } from "./ruleModel.ts";

/** Options of `mixCircuits`. */
export interface MixCircuitsOptions {
  /** Weight of each circuit, >= 0, not all zero; up to a common factor. Default: equal. */
  readonly weights?: readonly number[];
  /** Share of the corrected probability, in [0, 1]; the raw one has the rest. Default 1. */
  readonly corrected?: number;
}

/** Several circuits over overlapping concepts as one model. */
export interface RuleMixture extends RuleModel {
  readonly circuits: readonly RuleCircuit[];
  readonly weights: readonly number[];
  readonly corrected: number;
  /** Plain data for `JSON.stringify`, from which `mixCircuitsFromJSON` makes the same mixture. */
  toJSON(): RuleMixtureJSON;
}

/** A saved mixture. */
export interface RuleMixtureJSON {
  readonly kind: "parsimony.conformal.rule-mixture";
  readonly version: 1;
  readonly circuits: readonly RuleCircuitJSON[];
  readonly weights: readonly JsonNumber[];
  readonly corrected: JsonNumber;
}

/**
 * Mixes circuits: the corrected probability of a concept is the mean over the circuits that have it, by weight, and
 * the final one is `corrected` of that and `1 - corrected` of the raw probability. Concepts are those of all circuits,
 * in order of first appearance. One circuit with `corrected: 0.5` is the way to trust rules by half.
 *
 * Bounds are mixed likewise. They are exact for a concept of one circuit, and valid otherwise: circuits may want
 * different corners of the box.
 *
 * @throws ConformalError E_RULES for no circuits; E_LENGTH, E_WEIGHTS, E_RANGE
 */
export function mixCircuits(circuits: readonly RuleCircuit[], options: MixCircuitsOptions = {}): RuleMixture {
  const where = "mixCircuits";
  const { weights = circuits.map(() => 1), corrected = 1 } = options;
  if (circuits.length === 0) throw new ConformalError("E_RULES", `${where}: needs at least one circuit, got none`);
  checkLength(where, "weights", weights.length, circuits.length);
  weights.forEach((weight, i) => {
    if (weight >= 0 && weight < Infinity) return;
    throw new ConformalError("E_WEIGHTS", `${where}: weights[${i}] must be finite and >= 0, got ${weight}`, i);
  });
  if (!(corrected >= 0 && corrected <= 1)) {
    throw new ConformalError("E_RANGE", `${where}: corrected must be in [0, 1], got ${corrected}`);
  }
  const concepts = Object.freeze([...new Set(circuits.flatMap((circuit) => circuit.concepts))]);
  const position = new Map(concepts.map((name, i) => [name, i]));
  const places = circuits.map((circuit) => circuit.concepts.map((name) => position.get(name) as number));
  const totals = new Float64Array(concepts.length);
  places.forEach((own, c) => {
    for (const concept of own) totals[concept] = (totals[concept] as number) + (weights[c] as number);
  });
  concepts.forEach((name, i) => {
    if ((totals[i] as number) > 0 && (totals[i] as number) < Infinity) return;
    throw new ConformalError("E_WEIGHTS", `${where}: the circuits with "${name}" must have a positive finite weight`);
  });

  const part = (values: Float64Array, c: number): Float64Array =>
    Float64Array.from(places[c] as number[], (concept) => values[concept] as number);
  /** The mixture of one vector for each circuit. */
  const mix = (raw: Float64Array, parts: readonly Float64Array[]): Float64Array => {
    const mixed = new Float64Array(concepts.length);
    parts.forEach((values, c) => {
      (places[c] as number[]).forEach((concept, k) => {
        const share = (weights[c] as number) / (totals[concept] as number);
        mixed[concept] = (mixed[concept] as number) + share * (values[k] as number);
      });
    });
    return mixed.map((value, i) => Math.min(1, corrected * value + (1 - corrected) * (raw[i] as number)));
  };
  const inferRow = (row: Float64Array): Float64Array =>
    mix(
      row,
      circuits.map((circuit, c) => circuit.infer(part(row, c))),
    );
  /** Relative, for sums of products of numbers >= 0. */
  const margin = (circuits.length + 4) * 2 ** -51;

  return Object.freeze({
    concepts,
    circuits,
    weights,
    corrected,
    infer: (probabilities: ArrayLike<number>) => inferRow(readConcepts("infer", probabilities, concepts.length)),
    inferRows: (matrix: ProbabilityMatrix) =>
      readConceptRows("inferRows", matrix, concepts.length).map((row, i) => withIndex(i, () => inferRow(row))),
    bounds: (from: ArrayLike<number>, to: ArrayLike<number>, boundsOptions: RuleBoundsOptions = {}): RuleBounds => {
      const { lower, upper } = readBounds("bounds", { lower: from, upper: to }, concepts.length);
      const parts = circuits.map((circuit, c) => circuit.bounds(part(lower, c), part(upper, c), boundsOptions));
      const low = parts.map((bounds) => bounds.lower);
      const high = parts.map((bounds) => bounds.upper);
      const homes = concepts.map((_, concept) => places.flatMap((own, c) => (own.includes(concept) ? [c] : [])));
      return {
        lower: mix(lower, low).map((value) => value * (1 - margin)),
        upper: mix(upper, high).map((value) => Math.min(1, value * (1 + margin))),
        exact: homes.map((own, concept) => {
          const c = own[0] as number;
          const k = (places[c] as number[]).indexOf(concept);
          return own.length === 1 && ((parts[c] as RuleBounds).exact[k] as boolean);
        }),
      };
    },
    toJSON: (): RuleMixtureJSON => ({
      kind: "parsimony.conformal.rule-mixture",
      version: 1,
      circuits: circuits.map((circuit) => circuit.toJSON()),
      weights: weights.map(encodeNumber),
      corrected: encodeNumber(corrected),
    }),
  });
}

/**
 * The mixture that `toJSON` described, with the same results bit for bit.
 *
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function mixCircuitsFromJSON(json: unknown): RuleMixture {
  const where = "mixCircuitsFromJSON";
  const saved = readKind(where, json, "parsimony.conformal.rule-mixture");
  const circuits = readList(where, "circuits", saved["circuits"]).map(ruleCircuitFromJSON);
  const weights = [...readNumbers(where, "weights", saved["weights"])];
  return mixCircuits(circuits, { weights, corrected: decodeNumber(where, "corrected", saved["corrected"]) });
}

/** Puts the row into the errors of a circuit that saw only one row. */
function withIndex<T>(index: number, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof ConformalError ? new ConformalError(error.code, error.message, index) : error;
  }
}
