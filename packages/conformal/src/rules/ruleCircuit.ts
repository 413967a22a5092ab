import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { type JsonNumber, encodeNumber } from "../base/json.ts";
import type { ProbabilityMatrix } from "../base/matrix.ts";
import { attractiveBounds, attractiveSides } from "./attractiveBounds.ts";
import { type BucketTree, bucketTree } from "./bucketTree.ts";
import { type Component, ruleComponents } from "./components.ts";
import { readBounds, readConceptRows, readConcepts } from "./concepts.ts";
import { intervalBounds, leavesOf } from "./intervalBounds.ts";
import { type Workspace, passMessages, workspaceFor } from "./messagePassing.ts";
import { type Rule, indexRules } from "./rule.ts";
import type { RuleBounds, RuleBoundsOptions, RuleModel } from "./ruleModel.ts";
import { factorTable, vertexBounds } from "./vertexBounds.ts";

/** Largest group of concepts whose vertices are visited: 2^16 numbers, about a million steps for each concept. */
const MAX_VERTEX_CONCEPTS = 16;

/** Options of `ruleCircuit`. */
export interface RuleCircuitOptions {
  /** Names of the concepts, each once; vectors of probabilities go in this order. */
  readonly concepts: readonly string[];
  readonly rules: readonly Rule[];
  /** Allow negative weights. Default false, because a negative weight is more often a slip. */
  readonly signed?: boolean;
  /** Refuse rules that are more entangled than this: time and memory grow with its power of 2. Default 20. */
  readonly maxTreewidth?: number;
}

/** Rules compiled for exact inference. */
export interface RuleCircuit extends RuleModel {
  readonly rules: readonly Rule[];
  /** Largest number of concepts that one concept is tied to when it is summed out. 1 for stars and chains. */
  readonly treewidth: number;
  /** Groups of concepts that rules tie together, by name; concepts without rules are in none. */
  readonly components: readonly (readonly string[])[];
  /** The same circuit without the rule at a position of `rules`. */
  withoutRule(index: number): RuleCircuit;
  /** Plain data for `JSON.stringify`, from which `ruleCircuitFromJSON` makes the same circuit. */
  toJSON(): RuleCircuitJSON;
}

/** A saved circuit. */
export interface RuleCircuitJSON {
  readonly kind: "parsimony.conformal.rule-circuit";
  readonly version: 1;
  readonly concepts: readonly string[];
  readonly rules: readonly { readonly if: readonly string[]; readonly then: string; readonly weight: JsonNumber }[];
  readonly signed: boolean;
  readonly maxTreewidth: number;
}

interface Compiled {
  readonly component: Component;
  readonly tree: BucketTree;
  readonly sides: Int8Array | undefined;
}

/**
 * Compiles weighted rules between concepts for exact inference. Concepts are independent with the probabilities that
 * their models give; every assignment of truth values is reweighted by `exp(weight)` for each rule that it keeps; the
 * corrected probability of a concept is its probability under the reweighted assignments, normalised.
 *
 * Groups of concepts that no rule connects are separate. Within a group, concepts are summed out in logarithms along a
 * min-fill order, for all concepts at once: linear in the number of rules for stars and chains, exponential only in
 * the treewidth. Cycles of rules (`a => b`, `b => a`) are allowed: the reweighting is defined for any set of rules.
 *
 * @throws ConformalError E_RULES for unknown or repeated concepts and empty bodies, E_NAN, E_WEIGHTS, E_RANGE,
 *   E_TREEWIDTH; E_INCONSISTENT_RULES when the infinite weights leave no assignment
 * @see Kang, Guerel, Li, Li, COLEP: certifiably robust learning-reasoning conformal prediction via probabilistic
 *   circuits (2024), section 4
 */
export function ruleCircuit(options: RuleCircuitOptions): RuleCircuit {
  const where = "ruleCircuit";
  const { signed = false, maxTreewidth = 20 } = options;
  checkWhole(where, "maxTreewidth", maxTreewidth, 1);
  const concepts = Object.freeze([...options.concepts]);
  const rules = Object.freeze(
    options.rules.map((rule) => Object.freeze({ if: bodyOf(rule), then: rule.then, weight: rule.weight })),
  );
  const components = ruleComponents(concepts.length, indexRules(where, concepts, rules, signed));
  const compiled = components.map((component): Compiled => {
    return { component, tree: bucketTree(where, component, maxTreewidth), sides: attractiveSides(component) };
  });
  const memory = lazyMemory(compiled);

  const inferInto = (row: Float64Array, index?: number): Float64Array => {
    const corrected = row.slice();
    compiled.forEach(({ component, tree }, c) => {
      const own = gather(row, component);
      const leaves = leavesOf(tree, own);
      const { workspace, results } = memory(c);
      passMessages(tree, leaves, leaves, workspace, results);
      component.concepts.forEach((concept, k) => {
        const [leafOff, leafOn] = [leaves.off[k] as number, leaves.on[k] as number];
        const [restOff, restOn] = [results[2 * k] as number, results[2 * k + 1] as number];
        const odds = tree.linear
          ? (leafOff * restOff) / (leafOn * restOn)
          : Math.exp(leafOff + restOff - leafOn - restOn);
        if (Number.isNaN(odds)) throw inconsistent("infer", concepts[concept] as string, index);
        corrected[concept] = 1 / (1 + odds);
      });
    });
    return corrected;
  };

  const circuit: RuleCircuit = Object.freeze({
    concepts,
    rules,
    treewidth: Math.max(0, ...compiled.map(({ tree }) => tree.treewidth)),
    components: components.map((component) => component.concepts.map((k) => concepts[k] as string)),

    infer(probabilities: ArrayLike<number>): Float64Array {
      return inferInto(readConcepts("infer", probabilities, concepts.length));
    },

    inferRows(matrix: ProbabilityMatrix): Float64Array[] {
      return readConceptRows("inferRows", matrix, concepts.length).map((row, i) => inferInto(row, i));
    },

    bounds(from: ArrayLike<number>, to: ArrayLike<number>, { method = "auto" }: RuleBoundsOptions = {}): RuleBounds {
      if (method !== "auto" && method !== "vertex" && method !== "interval") {
        throw new ConformalError("E_RANGE", `bounds: method must be vertex, interval or auto, got ${String(method)}`);
      }
      const { lower, upper } = readBounds("bounds", { lower: from, upper: to }, concepts.length);
      const result = { lower: lower.slice(), upper: upper.slice(), exact: concepts.map(() => true) };
      compiled.forEach(({ component, tree, sides }, c) => {
        const size = component.concepts.length;
        const low = gather(lower, component);
        const high = gather(upper, component);
        const { workspace, factors } = memory(c);
        const small = size <= MAX_VERTEX_CONCEPTS;
        // In logarithms two corners have a wider margin for rounding than all corners in plain numbers.
        const corners =
          sides !== undefined && method !== "interval" && (tree.linear || !small)
            ? attractiveBounds(tree, sides, low, high, workspace)
            : undefined;
        if (method === "vertex" && corners === undefined && !small) {
          const message = `bounds: "vertex" is for at most ${MAX_VERTEX_CONCEPTS} concepts tied by such rules, got ${size}`;
          throw new ConformalError("E_TREEWIDTH", `${message}; use "auto" or "interval"`);
        }
        const byVertex = corners !== undefined || (small && method !== "interval");
        const found =
          corners ??
          (byVertex ? vertexBounds(component, factors(), low, high) : intervalBounds(tree, low, high, workspace));
        component.concepts.forEach((concept, k) => {
          const interval = found[k];
          if (interval === undefined) throw inconsistent("bounds", concepts[concept] as string);
          result.lower[concept] = interval.lower;
          result.upper[concept] = interval.upper;
          result.exact[concept] = byVertex;
        });
      });
      return result;
    },

    withoutRule(index: number): RuleCircuit {
      checkWhole("withoutRule", "index", index, 0);
      if (index >= rules.length) {
        throw new ConformalError("E_RANGE", `withoutRule: there are ${rules.length} rules, got index ${index}`);
      }
      return ruleCircuit({ concepts, rules: rules.toSpliced(index, 1), signed, maxTreewidth });
    },

    toJSON(): RuleCircuitJSON {
      return {
        kind: "parsimony.conformal.rule-circuit",
        version: 1,
        concepts,
        rules: rules.map((rule) => ({ if: rule.if, then: rule.then, weight: encodeNumber(rule.weight) })),
        signed,
        maxTreewidth,
      };
    },
  });
  checkConsistent(circuit);
  return circuit;
}

function bodyOf(rule: Rule): readonly string[] {
  return Object.freeze(typeof rule.if === "string" ? [rule.if] : [...rule.if]);
}

/** Probabilities strictly inside (0, 1) allow every assignment that the rules allow. */
function checkConsistent(circuit: RuleCircuit): void {
  try {
    circuit.infer(new Float64Array(circuit.concepts.length).fill(0.5));
  } catch (error) {
    if (!(error instanceof ConformalError) || error.code !== "E_INCONSISTENT_RULES") throw error;
    throw new ConformalError(
      "E_INCONSISTENT_RULES",
      "ruleCircuit: no assignment satisfies all rules of infinite weight",
    );
  }
}

function gather(row: Float64Array, component: Component): Float64Array {
  const own = new Float64Array(component.concepts.length);
  for (let k = 0; k < own.length; k++) own[k] = row[component.concepts[k] as number] as number;
  return own;
}

function inconsistent(where: string, concept: string, index?: number): ConformalError {
  const message = `${where}: hard rules forbid every assignment that the probabilities around "${concept}" allow`;
  return new ConformalError("E_INCONSISTENT_RULES", `${message}; certain concepts (0 or 1) break a rule`, index);
}

/** Tables are allocated at first use and kept, because a wide circuit needs much memory. */
function lazyMemory(
  compiled: readonly Compiled[],
): (index: number) => { workspace: Workspace; results: Float64Array; factors: () => Float64Array } {
  const made = compiled.map(({ component, tree }) => {
    let kept: { workspace: Workspace; results: Float64Array } | undefined;
    let table: Float64Array | undefined;
    return () => {
      kept ??= { workspace: workspaceFor(tree), results: new Float64Array(2 * tree.size) };
      return {
        ...kept,
        factors: (): Float64Array => {
          table ??= factorTable(component);
          return table;
        },
      };
    };
  });
  return (index) => (made[index] as (typeof made)[number])();
}
