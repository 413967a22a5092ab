import { type Graph, type GraphNode, type HostTensor, type ValueType, tensor } from "@parsimony/core-tensor";
import type { SliceStates } from "./constantSlices.ts";
import { isElementwise } from "./flows.ts";
import type { Values } from "./probe.ts";

/**
 * The program with constants in the place of values that do not depend on its inputs, where such a value only meets others element
 * by element: a residual branch that was cut through is then gone, and what it added stays, bit for bit.
 */
export function replaceConstantBranches(
  graph: Graph,
  states: ReadonlyMap<string, SliceStates>,
  fixed: ReadonlySet<string>,
  values: Values,
): Graph {
  const constants: Record<string, HostTensor> = {};
  const types: Record<string, ValueType> = {};
  const outputs = new Set(graph.outputs.map(({ value }) => value));
  const isNeeded = (name: string): boolean =>
    outputs.has(name) || graph.nodes.some(({ inputs }) => inputs.includes(name));
  // Of several results (those of a pooling and their places) one can only go with its node, so it has to be the only one in use.
  const candidates = graph.nodes.flatMap((node) => {
    const needed = node.outputs.filter(isNeeded);
    return needed.length === 1 ? needed : [];
  });
  for (const name of candidates) {
    if (fixed.has(name) || outputs.has(name) || states.get(name)?.whole !== true) continue;
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
    // Two branches that meet must not both go: one of them has to give the sum its shape.
    const stays = (other: string): boolean => other !== name && !Object.hasOwn(constants, other);
    if (!readers.every((reader) => isElementwise(reader.op) && givesShape(reader, stays, graph))) continue;
    const value = oneAxis(values.get(name) as HostTensor);
    if (value === undefined) continue;
    constants[name] = value;
    types[name] = { dtype: value.dtype, shape: value.shape };
  }
  if (Object.keys(constants).length === 0) return graph;
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => !node.outputs.some((name) => Object.hasOwn(constants, name))),
    constants: { ...graph.constants, ...constants },
    types: { ...graph.types, ...types },
  };
}

/** Has one of the operands that stay the whole shape of the result, so that others may be stretched instead of stored? */
function givesShape(reader: GraphNode, stays: (operand: string) => boolean, { types }: Graph): boolean {
  const shape = (value: string): string => String((types[value] as ValueType).shape);
  const output = shape(reader.outputs[0] as string);
  return reader.inputs.some((input) => stays(input) && shape(input) === output);
}

/** The value with every axis at 1 along which it is the same, when at most one is left. */
function oneAxis(value: HostTensor): HostTensor | undefined {
  const numbers = value.dataSync() as Float32Array;
  const same = (axis: number): boolean => {
    const inner = value.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
    const size = value.shape[axis] as number;
    return numbers.every((x, i) => Object.is(x, numbers[i - (Math.floor(i / inner) % size) * inner]));
  };
  const varying = value.shape.flatMap((_, axis) => (same(axis) ? [] : [axis]));
  if (varying.length > 1 || value.size === 0) return undefined;
  const axis = varying[0];
  if (axis === undefined) return tensor([numbers[0] as number], { shape: [], dtype: value.dtype });
  const inner = value.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const kept = Array.from({ length: value.shape[axis] as number }, (_, i) => numbers[i * inner] as number);
  const shape = [kept.length, ...value.shape.slice(axis + 1).map(() => 1)];
  return tensor(kept, { shape, dtype: value.dtype });
}
