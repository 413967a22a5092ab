import type { NodeOf } from "@parsimony/core-tensor";
import { type Lowering, refuse } from "../lowering.ts";
import { type Placed, axisOrder } from "../placed.ts";
import { commonGroups } from "./binary.ts";
import { uniform } from "./numbers.ts";
import { padded } from "./pad.ts";
import { groupOf, isSeparate, separateOne } from "./separate.ts";

export function concat(node: NodeOf<"concat">, at: Lowering): void {
  const [output] = node.outputs as [string];
  const { axis } = node.attributes;
  const computed = node.inputs.filter((name) => at.constant(name) === undefined);
  if (computed.length < node.inputs.length) {
    concatConstants(node, at);
    return;
  }
  const values = computed.map((name) => at.value(name));
  const [first, second] = values as [Placed, Placed | undefined];
  // The order of the longest is likely to be that of all.
  const likely = second === undefined ? first : values.find((value) => axisOrder(value)?.length === maxOrder(values));
  const model = likely ?? first;
  const groups = separateOne(at, model, axis);
  const natural = second === undefined ? groups : commonGroups(at, model, second);
  const chosen = isSeparate(at.shape(output), natural, [axis]) ? natural : groups;
  const maps = values.map((value) => at.arrange(value, chosen));
  at.make(output, { kind: "concat", axis: groupOf(chosen, axis) }, maps, chosen);
}

function maxOrder(values: readonly Placed[]): number {
  return Math.max(...values.map((value) => axisOrder(value)?.length ?? 0));
}

/** A constant that repeats one number, beside one value, is padding. */
function concatConstants(node: NodeOf<"concat">, at: Lowering): void {
  const { axis } = node.attributes;
  const [output] = node.outputs as [string];
  const at0 = node.inputs.findIndex((name) => at.constant(name) === undefined);
  const numbers = node.inputs.map((name, i) => (i === at0 ? undefined : uniform(at, name)));
  const rest = numbers.filter((_, i) => i !== at0);
  const [number] = rest;
  if (number === undefined || rest.some((other) => other !== number)) {
    refuse("joins a computed value with constants of several numbers");
  }
  const lengths = node.inputs.map((name) => at.shape(name)[axis] as number);
  const total = (from: number, to: number): number => lengths.slice(from, to).reduce((a, b) => a + b, 0);
  const before = at.shape(output).map((_, i) => (i === axis ? total(0, at0) : 0));
  const after = at.shape(output).map((_, i) => (i === axis ? total(at0 + 1, lengths.length) : 0));
  padded(at, at.value(node.inputs[at0] as string), { before, after, number: number as number }, output);
}
