import { type Graph, type GraphNode, type HostTensor, type ValueType, isNode } from "@parsimony/core-tensor";
import type { Contraction } from "./contractions.ts";
import { nodeFlows } from "./flows.ts";
import { mixesOpenAxes } from "./openAxes.ts";
import type { Values } from "./probe.ts";
import { coordinates, reshapeBlocks } from "./reshapeAxes.ts";
import type { Units } from "./units.ts";

/** What is known of a slice: nothing; that it is the same for every input; that it is zero, of a sign that depends on the input. */
export const unknown = 0;
export const constant = 1;
export const signedZero = 2;

/** For every value and axis of known length what is known of each slice, and whether the whole value is constant. */
export interface SliceStates {
  readonly axes: readonly (Uint8Array | undefined)[];
  readonly whole: boolean;
}

/**
 * Which slices of which values do not depend on the inputs of the program, as far as zero weights tell: those behind sums of
 * which every term is 0, and whatever is computed from them. `values` are those of one run (`probe`). For finite inputs and values.
 *
 * A constant slice is the same all along axes of unknown length, and however long these are.
 */
export function constantSlices(graph: Graph, units: Units, values: Values): ReadonlyMap<string, SliceStates> {
  const states = new Map<string, SliceStates>();
  const shapeOf = (name: string): ValueType["shape"] => (graph.types[name] as ValueType).shape;
  const uniform = (name: string, state: number): SliceStates => ({
    axes: shapeOf(name).map((size) => (typeof size === "number" ? new Uint8Array(size).fill(state) : undefined)),
    whole: state === constant,
  });
  for (const name of graph.inputs) states.set(name, uniform(name, unknown));
  for (const name of Object.keys(graph.constants)) states.set(name, uniform(name, constant));
  const contractions = new Map(units.contractions.map((each) => [each.node, each]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => states.get(name) as SliceStates);
    for (const name of node.outputs) {
      if (units.fixed.has(name)) states.set(name, uniform(name, constant));
      else states.set(name, stateOf(node, name, inputs, contractions.get(node), graph, values));
    }
  }
  return states;
}

function stateOf(
  node: GraphNode,
  name: string,
  inputs: readonly SliceStates[],
  contraction: Contraction | undefined,
  graph: Graph,
  values: Values,
): SliceStates {
  const shape = (graph.types[name] as ValueType).shape;
  const axes = shape.map((size) => (typeof size === "number" ? new Uint8Array(size) : undefined));
  const isOpen = mixesOpenAxes(node, graph.types);
  const whole = !isOpen && node.inputs.length > 0 && inputs.every((input) => input.whole);
  if (whole) for (const axis of axes) axis?.fill(constant);
  if (isNode(node, "reshape")) reshapeStates(node, inputs[0] as SliceStates, axes, graph);
  else flowStates(node, inputs, axes, graph, values);
  if (contraction !== undefined && !whole) {
    const out = axes[contraction.outputAxis];
    out?.set(sumStates(contraction, inputs[contraction.data] as SliceStates, out.length, values));
  }
  // Other results than the first are places of elements: those of zeros are no zeros.
  if (name !== node.outputs[0]) {
    for (const axis of axes) axis?.forEach((state, i) => (axis[i] = state === signedZero ? unknown : state));
  }
  if (isOpen) forgetOpen(node, name, axes, graph, values);
  // All slices along an axis constant: so is the value.
  const all = axes.some((axis) => axis !== undefined && axis.length > 0 && axis.every((state) => state === constant));
  if (all && !whole) for (const axis of axes) axis?.fill(constant);
  return { axes, whole: whole || all };
}

/**
 * Takes back what is not known along axes of unknown length: sums of zeros stay 0 however many there are, other results of such
 * ops may change, and a reshape may lay different numbers along them.
 */
function forgetOpen(
  node: GraphNode,
  name: string,
  axes: readonly (Uint8Array | undefined)[],
  graph: Graph,
  values: Values,
): void {
  const isSum = node.op === "sum" || node.op === "mean" || node.op === "cumsum";
  const { flows } = isSum ? nodeFlows(node, graph.types) : { flows: [] };
  const isZero = (axis: number, i: number): boolean => {
    const flow = flows.find(({ to }) => to === axis);
    const source = values.get(node.inputs[0] as string) as HostTensor;
    return flow !== undefined && sliceNumbers(source, flow.axis, i).every((x) => x === 0);
  };
  const isUniform = (axis: number, i: number): boolean => {
    const numbers = sliceNumbers(values.get(name) as HostTensor, axis, i);
    return numbers.every((x) => Object.is(x, numbers[0]));
  };
  const stays = isSum ? isZero : node.op === "reshape" ? isUniform : () => false;
  axes.forEach((states, axis) => {
    states?.forEach((state, i) => {
      if (state !== unknown && !stays(axis, i)) states[i] = unknown;
    });
  });
}

/** A sum is constant when every term is: a weight of 0, or a constant to be weighted. It is never -0, for it starts from +0. */
function sumStates(contraction: Contraction, data: SliceStates, size: number, values: Values): Uint8Array {
  const { node, weight, dataAxis, groups } = contraction;
  const known = data.axes[dataAxis];
  const out = new Uint8Array(size).fill(constant);
  const rows = size / groups;
  const weights = weightPattern(contraction, values.get(node.inputs[weight] as string) as HostTensor);
  weights.forEachNonzero((i, o) => {
    const channel = groups === 1 ? i : Math.floor(o / rows) * weights.inputs + i;
    if (known === undefined || known[channel] === unknown) out[o] = unknown;
  });
  return out;
}

/** Which weights are not 0. */
export interface WeightPattern {
  /** Length of the axis that is summed over. */
  readonly inputs: number;
  /** Visits every pair of slices with a weight that is not 0, some of them several times. */
  forEachNonzero(visit: (input: number, output: number) => void): void;
}

export function weightPattern({ weightIn, weightOut }: Contraction, weight: HostTensor): WeightPattern {
  const data = weight.dataSync();
  const stride = (axis: number): number => weight.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const [inner, outer] = [stride(weightIn), stride(weightOut)];
  const [inputs, outputs] = [weight.shape[weightIn] as number, weight.shape[weightOut] as number];
  return {
    inputs,
    forEachNonzero(visit) {
      for (let at = 0; at < data.length; at++) {
        if (Number(data[at]) === 0) continue;
        visit(Math.floor(at / inner) % inputs, Math.floor(at / outer) % outputs);
      }
    },
  };
}

/** A slice of a result is constant when all slices are that it depends on, and everything else that goes into it. */
function flowStates(
  node: GraphNode,
  inputs: readonly SliceStates[],
  axes: readonly (Uint8Array | undefined)[],
  graph: Graph,
  values: Values,
): void {
  const { flows } = nodeFlows(node, graph.types);
  axes.forEach((out, to) => {
    if (out === undefined || !flows.some((flow) => flow.to === to)) return;
    const sources = inputs.map((input, place) => {
      const flow = flows.find((each) => each.input === place && each.to === to);
      if (flow === undefined) return { place, state: () => (input.whole ? constant : unknown), slice: undefined };
      const known = input.axes[flow.axis];
      const at = (i: number): number => (flow.from === undefined ? i : (flow.from[i] as number));
      // Slices that the input does not have are filled up with constants, or come from another input.
      const state = (i: number): number => (at(i) < 0 ? constant : (known?.[at(i)] ?? unknown));
      return { place, state, slice: { axis: flow.axis, at } };
    });
    for (let i = 0; i < out.length; i++) {
      const found = sources.map(({ state }) => state(i));
      if (found.every((state) => state === constant)) out[i] = constant;
      else if (found.includes(signedZero) || node.op === "mul" || node.op === "conv2d") {
        const slices = sources.map(({ place, slice }) => () => {
          const value = values.get(node.inputs[place] as string) as HostTensor;
          return sliceNumbers(value, slice === undefined ? undefined : slice.axis, slice?.at(i) ?? 0);
        });
        out[i] = signedZeroResult(node, found, slices);
      }
    }
  });
}

/** What becomes of slices that are zeros of unknown sign, or that are multiplied by zeros. */
function signedZeroResult(node: GraphNode, states: readonly number[], slices: readonly (() => number[])[]): number {
  const [first, second] = states;
  const known = (place: number, test: (x: number) => boolean): boolean =>
    states[place] === constant && (slices[place] as () => number[])().every(test);
  switch (node.op) {
    case "relu":
    case "abs":
    case "avgPool2d":
      return constant;
    case "sum":
    case "mean":
      // Sums start from +0; without axes there is none.
      return (node.attributes.axes as readonly number[]).length === 0 ? signedZero : constant;
    case "matmul":
      return states.includes(unknown) ? unknown : constant;
    case "conv2d":
      return first === signedZero || known(1, (x) => x === 0) ? constant : unknown;
    case "neg":
    case "stopGradient":
    case "maxPool2d":
    case "transpose":
    case "slice":
    case "concat":
    case "broadcastTo":
    case "reverse":
      return signedZero;
    case "mul": {
      const zero = (place: number): boolean => states[place] === signedZero || known(place, (x) => x === 0);
      if (zero(0) || zero(1)) return signedZero;
      return unknown;
    }
    case "add":
      if (first === signedZero && second === signedZero) return signedZero;
      if (known(0, (x) => !Object.is(x, -0)) || known(1, (x) => !Object.is(x, -0))) return constant;
      return unknown;
    case "sub":
      if (first === signedZero && second === signedZero) return signedZero;
      return known(0, (x) => x !== 0) || known(1, (x) => x !== 0) ? constant : unknown;
    case "div":
      return first === signedZero && known(1, (x) => x !== 0 && Number.isFinite(x)) ? signedZero : unknown;
    default:
      return unknown;
  }
}

/** The numbers of a slice; of the whole value without an axis. */
export function sliceNumbers(value: HostTensor, axis: number | undefined, index: number): number[] {
  const data = value.dataSync() as Float32Array;
  if (axis === undefined) return Array.from(data);
  const inner = value.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const size = value.shape[axis] as number;
  const numbers: number[] = [];
  for (let start = index * inner; start < data.length; start += size * inner) {
    for (let i = 0; i < inner; i++) numbers.push(data[start + i] as number);
  }
  return numbers;
}

function reshapeStates(
  node: GraphNode,
  input: SliceStates,
  axes: readonly (Uint8Array | undefined)[],
  graph: Graph,
): void {
  const shapeOf = (name: string): ValueType["shape"] => (graph.types[name] as ValueType).shape;
  const [before, after] = [shapeOf(node.inputs[0] as string), shapeOf(node.outputs[0] as string)];
  for (const { inputs, outputs } of reshapeBlocks(before, after)) {
    const out = axes[outputs[0] as number];
    const own = input.axes[inputs[0] as number];
    if (out === undefined || own === undefined) continue;
    if (inputs.length === 1 && outputs.length === 1) out.set(own);
    else if (outputs.length === 1) {
      const sizes = inputs.map((axis) => before[axis] as number);
      inputs.forEach((axis, place) => {
        const known = input.axes[axis] as Uint8Array;
        coordinates(sizes, place).forEach((at, i) => {
          if (out[i] === unknown) out[i] = known[at] as number;
        });
      });
    } else if (inputs.length === 1) {
      const block = own.length / out.length;
      for (let i = 0; i < out.length; i++) {
        const part = own.subarray(i * block, (i + 1) * block);
        out[i] = part.every((state) => state === part[0]) ? (part[0] as number) : unknown;
      }
    }
  }
}
