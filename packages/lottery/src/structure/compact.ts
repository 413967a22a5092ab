import type { Graph, HostTensor } from "@parsimony/core-tensor";
import { checkChoice } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { sortedNames } from "../base/parameters.ts";
import { type Mask, applyMask, bits, density, isPrunable } from "../mask/mask.ts";
import { type CompactLayer, type Pass, type UsedInput, compactPass } from "./compactPass.ts";
import { checkIsGraph, countParameters } from "./unitGroups.ts";

export interface CompactOptions {
  /**
   * What happens to units that give the same number other than 0 for every input. `"exact"` keeps them, because adding that number
   * at another time rounds differently; `"fold"` moves what they add into the next bias and drops them. Default `"exact"`.
   */
  readonly constants?: "exact" | "fold";
  /**
   * What happens to slices of inputs that nothing depends on. `"keep"` leaves inputs alone; `"gather"` leaves their type alone and
   * picks what is used first; `"shrink"` makes inputs shorter: the caller passes `usedInputs` only. Default `"keep"`.
   */
  readonly inputs?: "keep" | "gather" | "shrink";
}

export interface CompactReport {
  /** Share of the mask that was kept: survivors / prunable weights. */
  readonly directDensity: number;
  /** Share of it that is still in the program, over the same prunable weights: what can have an effect. */
  readonly effectiveDensity: number;
  readonly removedUnits: number;
  readonly foldedUnits: number;
  /** Units that are still there and give the same number for every input. */
  readonly constantUnits: number;
  readonly layers: readonly CompactLayer[];
  /** Layers that were cut through: one unit is left of each, because programs have no empty layers. */
  readonly cutLayers: readonly string[];
  /** Outputs that are the same for every input. */
  readonly constantOutputs: readonly string[];
  /** Elements of all constants. */
  readonly parameters: { readonly before: number; readonly after: number };
}

export interface Compacted {
  readonly graph: Graph;
  /** The mask for the constants of the smaller program. */
  readonly mask: Mask;
  /** For every axis of an input whose slices can be told apart what is used of it. */
  readonly usedInputs: readonly UsedInput[];
  readonly report: CompactReport;
}

/**
 * The program that a pruned one really is: without the units that nothing depends on any more and without those that are 0 for
 * every input. Unstructured pruning leaves both behind, since a unit whose outgoing weights are gone gets no gradient, and
 * what was large stays.
 *
 * For finite inputs and values the outputs keep their bits in the reference interpreter: only terms that are 0 leave its sums. With
 * `constants: "fold"` they agree within rounding. Other engines may sum in another order.
 *
 * @param graph a program whose constants are the weights (`modelGraph`, `readOnnx`).
 * @param mask by names of constants. Default: the weights that are not 0 now; those that are -0 become +0.
 * @throws LotteryError E_MASK when the mask does not fit; E_GRAPH for what is no graph; E_OPTION; E_EMPTY when there is no mask
 *   and no constant to prune.
 */
export function compact(
  graph: Graph,
  mask?: Mask,
  { constants = "exact", inputs = "keep" }: CompactOptions = {},
): Compacted {
  checkIsGraph("compact", graph);
  checkChoice("compact", "constants", constants, ["exact", "fold"]);
  checkChoice("compact", "inputs", inputs, ["keep", "gather", "shrink"]);
  const own = mask ?? nonzeroMask(graph);
  const fold = constants === "fold";
  const passes: Pass[] = [];
  let current: Pick<Pass, "graph" | "mask"> = {
    graph: { ...graph, constants: applyMask(graph.constants, own) },
    mask: own,
  };
  for (let changed = true; changed; ) {
    const pass = compactPass(current.graph, current.mask, { fold, inputs: "keep" });
    passes.push(pass);
    current = pass;
    changed = pass.changed;
  }
  const { usedInputs } = passes.at(-1) as Pass;
  if (inputs !== "keep") {
    const pass = compactPass(current.graph, current.mask, { fold, inputs });
    passes.push(pass);
    current = pass;
  }
  return { ...current, usedInputs, report: reportOf(graph, own, passes) };
}

function reportOf(graph: Graph, mask: Mask, passes: readonly Pass[]): CompactReport {
  const last = passes.at(-1) as Pass;
  const layers = mergedLayers(passes);
  const total = (key: "removed" | "folded" | "constant"): number => layers.reduce((sum, layer) => sum + layer[key], 0);
  const direct = density(mask);
  return {
    directDensity: direct.density,
    effectiveDensity: direct.size === 0 ? 0 : density(last.mask).kept / direct.size,
    removedUnits: total("removed"),
    foldedUnits: total("folded"),
    constantUnits: total("constant"),
    layers,
    cutLayers: [...new Set(passes.flatMap(({ cutLayers }) => cutLayers))],
    constantOutputs: last.constantOutputs,
    parameters: { before: countParameters(graph.constants), after: countParameters(last.graph.constants) },
  };
}

/** The layers of all passes, each once: as they were at first and are in the end. */
function mergedLayers(passes: readonly Pass[]): CompactLayer[] {
  const merged = new Map<string, CompactLayer>();
  for (const layer of passes.flatMap(({ layers }) => layers)) {
    const before = merged.get(layer.name);
    merged.set(layer.name, {
      ...layer,
      before: before?.before ?? layer.before,
      removed: (before?.removed ?? 0) + layer.removed,
      folded: (before?.folded ?? 0) + layer.folded,
    });
  }
  return [...merged.values()];
}

/** The weights that are not 0, as a mask. */
function nonzeroMask({ constants }: Graph): Mask {
  const names = sortedNames(constants).filter((name) => isPrunable(name, constants[name] as HostTensor));
  if (names.length === 0) throw new LotteryError("E_EMPTY", "compact: no constant of the graph is prunable");
  return Object.fromEntries(
    names.map((name) => {
      const weight = constants[name] as HostTensor;
      const values = weight.dataSync() as Float32Array;
      return [
        name,
        bits(
          Uint8Array.from(values, (x) => (x === 0 ? 0 : 1)),
          weight.shape,
        ),
      ];
    }),
  );
}
