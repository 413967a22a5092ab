import { type Graph, type HostTensor, isFloat } from "@parsimony/core-tensor";
import { checkPositive } from "../base/checks.ts";
import { fixedNames } from "./fixedValues.ts";
import type { UnitGroup } from "./unitGroups.ts";

/** What each unit of a group is worth; the largest are kept. With `scope: "global"` the scores of all groups are compared. */
export type UnitScore = (group: UnitGroup, graph: Graph) => ArrayLike<number>;

export interface CoupledNormOptions {
  /** The exponent, > 0. Default 2. */
  readonly p?: number;
}

/**
 * Scores units by everything that goes with them: for each coupled axis of a weight, a bias or a scale the sum of |w|^p over the
 * unit's slices, averaged over the axes, and divided by the mean of the group so that groups can be compared. After the group
 * scores of DepGraph (Fang et al. 2023, section 3.3), there with learnt shrinking. Running statistics do not count.
 *
 * @throws LotteryError E_OPTION for an exponent that is not > 0.
 */
export function coupledNorm({ p = 2 }: CoupledNormOptions = {}): UnitScore {
  checkPositive("coupledNorm", "p", p);
  const power = p === 2 ? (x: number): number => x * x : p === 1 ? Math.abs : (x: number): number => Math.abs(x) ** p;
  return (group, graph) => {
    const scored = trainedConstants(graph);
    const float = group.axes.filter(({ tensor }) => isFloat((graph.constants[tensor] as HostTensor).dtype));
    const chosen = float.filter(({ tensor }) => scored.has(tensor));
    const axes = chosen.length > 0 ? chosen : float;
    const scores = new Float64Array(group.units);
    for (const { tensor, axis, slices } of axes) {
      const perSlice = sliceSums(graph.constants[tensor] as HostTensor, axis, power);
      slices.forEach((own, unit) => {
        for (const slice of own) (scores[unit] as number) += (perSlice[slice] as number) / axes.length;
      });
    }
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return mean > 0 ? scores.map((score) => score / mean) : scores;
  };
}

function sliceSums(weight: HostTensor, axis: number, power: (x: number) => number): Float64Array {
  const data = weight.dataSync() as Float32Array;
  const size = weight.shape[axis] as number;
  const inner = weight.shape.slice(axis + 1).reduce((product, each) => product * each, 1);
  const sums = new Float64Array(size);
  for (let i = 0; i < data.length; i++) (sums[Math.floor(i / inner) % size] as number) += power(data[i] as number);
  return sums;
}

const products = new Set(["matmul", "conv2d", "convTranspose2d", "mul", "add"]);
const sameNumbers = new Set(["reshape", "transpose", "cast", "broadcastTo", "stopGradient"]);

/**
 * The constants that are multiplied with what a program computes, or added to it: weights, scales and biases. Not running
 * statistics, which are subtracted and divided by.
 */
export function trainedConstants(graph: Graph): ReadonlySet<string> {
  const fixed = fixedNames(graph);
  const found = new Set<string>();
  const follow = (name: string): void => {
    if (Object.hasOwn(graph.constants, name)) found.add(name);
    const maker = graph.nodes.find(({ outputs }) => outputs.includes(name));
    if (maker !== undefined && sameNumbers.has(maker.op)) follow(maker.inputs[0] as string);
  };
  for (const { op, inputs, outputs } of graph.nodes) {
    if (!products.has(op) || fixed.has(outputs[0] as string)) continue;
    for (const name of inputs) if (fixed.has(name)) follow(name);
  }
  return found;
}
