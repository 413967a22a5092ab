import { PatchInferError } from "../base/errors.ts";
import { type Interval, hull, interval, isEmpty, length } from "../base/interval.ts";
import { sizeOf } from "../layers/cells.ts";
import type { Axis } from "../layers/rule.ts";
import { ruleOf } from "../layers/rules.ts";
import { axisIndex } from "../layers/windows.ts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { Pair } from "../network/layer.ts";
import { layerAt } from "./axisParts.ts";
import { type NetworkFacts, factsOf, mapOf } from "./facts.ts";

/** What one cell of a map sees of a program input, padding included: `[along height, along width]`. */
export interface ReceptiveField {
  /** Positions from the first to the last that take part. With branches the hull of all; 0 when none does. */
  readonly size: Pair;
  /** How far the field moves when the cell moves by one; below 1 after upsampling; 0 when it sees the whole image wherever it is. */
  readonly jump: Pair;
  /** How far the field of the first cell begins before the image. */
  readonly padBefore: Pair;
}

export interface ReceptiveFieldOptions {
  /** Name of the program's input; default the first. */
  readonly input?: string;
}

/**
 * The receptive field of a map's cells: for a chain of windows `size += (effective kernel - 1) * jump`, `jump *= stride` (Araujo et al.
 * 2019, "Computing receptive fields of convolutional neural networks"), here by the exact demands of every kind of layer. Where cells see
 * unequally much (after upsampling), the most that any sees.
 *
 * @throws PatchInferError OPTION when there is no such map or input
 */
export function receptiveField(model: Model, map: string, options: ReceptiveFieldOptions = {}): ReceptiveField {
  const facts = factsOf(networkOf(model));
  const { network } = facts;
  const { input = network.inputs[0]?.name } = options;
  const port = network.inputs.find(({ name }) => name === input);
  if (port === undefined) throw new PatchInferError("OPTION", `the network has no input "${input}"`);
  if (!Object.hasOwn(network.maps, map)) throw new PatchInferError("OPTION", `the network has no map "${map}"`);
  return fieldOf(facts, map, port.map);
}

export function fieldOf(facts: NetworkFacts, map: string, input: string): ReceptiveField {
  const [rows, columns] = (["rows", "columns"] as const).map((axis) => fieldAlong(facts, map, input, axis));
  return {
    size: [rows?.size ?? 0, columns?.size ?? 0],
    jump: [rows?.jump ?? 0, columns?.jump ?? 0],
    padBefore: [rows?.padBefore ?? 0, columns?.padBefore ?? 0],
  };
}

interface FieldAlong {
  readonly size: number;
  readonly jump: number;
  readonly padBefore: number;
}

function fieldAlong(facts: NetworkFacts, map: string, input: string, axis: Axis): FieldAlong {
  const jump = jumpOf(facts, map, input, axis);
  const seen = (position: number): Interval => seenFrom(facts, map, input, axis, position);
  const cells = isUniform(facts, map, axis) ? 1 : sizeOf(mapOf(facts.network, map), axis);
  let size = 0;
  for (let position = 0; position < cells; position++) size = Math.max(size, length(seen(position)));
  const first = seen(0);
  return { size, jump, padBefore: isEmpty(first) ? 0 : 0 - first.start };
}

/** Whether all cells see equally much: no layer up to the map treats positions differently. */
function isUniform(facts: NetworkFacts, map: string, axis: Axis): boolean {
  const last = facts.producer.get(rootOf(facts, map)) ?? -1;
  return facts.layers.slice(0, last + 1).every(({ layer, maps }) => {
    if (layer.kind === "resize2d") return false;
    if (layer.kind === "concat") return layer.axis !== axisIndex(axis);
    return Number.isInteger(ruleOf(layer).jump(layer, axis, maps));
  });
}

function seenFrom(facts: NetworkFacts, map: string, input: string, axis: Axis, position: number): Interval {
  const needs = new Map<string, Interval>([[map, interval(position, position + 1)]]);
  const need = (name: string, more: Interval): void => {
    needs.set(name, hull(needs.get(name) ?? interval(0, 0), more));
  };
  const whole = (name: string): Interval => interval(0, sizeOf(mapOf(facts.network, name), axis));
  const last = facts.producer.get(rootOf(facts, map)) ?? -1;
  if (rootOf(facts, map) !== map) needs.set(rootOf(facts, map), whole(rootOf(facts, map)));
  for (let index = last; index >= 0; index--) {
    const { layer, maps, roots } = layerAt(facts, index);
    const own = needs.get(layer.output);
    if (own === undefined || isEmpty(own)) continue;
    layer.inputs.forEach((name, i) => {
      const root = roots[i] ?? name;
      // A view has other rows and columns than the bytes: it is taken to need them all.
      if (root === name) need(name, ruleOf(layer).demand(layer, i, axis, own, maps) ?? whole(name));
      else need(root, whole(root));
    });
  }
  return needs.get(input) ?? interval(0, 0);
}

/** Along the path that moves most; 0 when a layer on every path sees the whole image. */
function jumpOf(facts: NetworkFacts, map: string, input: string, axis: Axis): number {
  const jumps = new Map<string, number>([[map, rootOf(facts, map) === map ? 1 : 0]]);
  if (rootOf(facts, map) !== map) jumps.set(rootOf(facts, map), 0);
  for (let index = facts.producer.get(rootOf(facts, map)) ?? -1; index >= 0; index--) {
    const { layer, maps, roots } = layerAt(facts, index);
    const own = jumps.get(layer.output);
    if (own === undefined) continue;
    layer.inputs.forEach((name, i) => {
      const root = roots[i] ?? name;
      const rule = ruleOf(layer);
      const repeated = sizeOf(mapOf(facts.network, name), axis) === 1 && sizeOf(maps.output, axis) > 1;
      const global = root !== name || rule.demand(layer, i, axis, interval(0, 1), maps) === null;
      const moved = global || (layer.kind === "binary" && repeated) ? 0 : own * rule.jump(layer, axis, maps);
      jumps.set(root, Math.max(jumps.get(root) ?? 0, moved));
    });
  }
  return jumps.get(input) ?? 0;
}

function rootOf(facts: NetworkFacts, map: string): string {
  return mapOf(facts.network, map).viewOf ?? map;
}
