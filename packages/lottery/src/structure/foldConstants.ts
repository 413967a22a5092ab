import {
  type Graph,
  type GraphNode,
  type HostTensor,
  type Tensor,
  type ValueType,
  cast,
  conv2d,
  convTranspose2d,
  isNode,
  matmul,
  tensor,
} from "@parsimony/core-tensor";
import type { Contraction } from "./contractions.ts";
import type { Use } from "./liveUnits.ts";
import type { Values } from "./probe.ts";
import { pick } from "./shrink.ts";
import { pinned } from "./units.ts";

/** Units that can be folded away, and what takes their place. */
export interface Folding {
  readonly folded: ReadonlySet<number>;
  /** For every sum what its folded terms come to, per slice of its result. */
  readonly sums: ReadonlyMap<Contraction, Float64Array>;
}

/**
 * Among the candidates the units of which every use is constant, and adds one number per channel to its sum: their terms can
 * move into the bias behind it. Where a convolution pads with zeros a constant channel other than 0 counts less at the border, so
 * it stays.
 */
export function foldable(
  uses: readonly Use[],
  candidates: ReadonlySet<number>,
  weights: ReadonlyMap<string, HostTensor>,
  values: Values,
): Folding {
  const terms = new Map<number, [Contraction, Float64Array][]>();
  const folded = new Set(candidates);
  for (const { contraction, sources, isZero, isConstant, isWeighted } of uses) {
    const slices = new Map<number, number[]>();
    sources.forEach((unit, i) => {
      if (!folded.has(unit) || isZero[i] === 1 || isWeighted[i] === 0) return;
      if (isConstant[i] === 1) slices.set(unit, [...(slices.get(unit) ?? []), i]);
      else folded.delete(unit);
    });
    for (const [unit, own] of slices) {
      if (!folded.has(unit)) continue;
      const sums = contraction.groups > 1 ? undefined : termsOf(contraction, own, weights, values);
      if (sums === undefined) folded.delete(unit);
      else terms.set(unit, [...(terms.get(unit) ?? []), [contraction, sums]]);
    }
  }
  folded.delete(pinned);
  const totals = new Map<Contraction, Float64Array>();
  for (const unit of [...folded].sort((a, b) => a - b)) {
    for (const [contraction, sums] of terms.get(unit) ?? []) {
      const total = totals.get(contraction) ?? new Float64Array(sums.length);
      totals.set(
        contraction,
        total.map((sum, i) => sum + (sums[i] as number)),
      );
    }
  }
  return { folded, sums: totals };
}

/** What these slices add to a sum, in float64; nothing where it is not the same at every position. */
function termsOf(
  { node, data, weight, dataAxis, weightIn, outputAxis }: Contraction,
  slices: readonly number[],
  weights: ReadonlyMap<string, HostTensor>,
  values: Values,
): Float64Array | undefined {
  const part = (value: HostTensor, axis: number): HostTensor => {
    const own = value.shape.map((_, i) => (i === axis ? Int32Array.from(slices) : undefined));
    return cast(pick(value, own), "float64") as HostTensor;
  };
  const x = part(values.get(node.inputs[data] as string) as HostTensor, dataAxis);
  const w = part(weights.get(node.inputs[weight] as string) as HostTensor, weightIn);
  const result = sumOfProducts(node, data, x, w) as HostTensor;
  const numbers = result.dataSync() as Float64Array;
  const inner = result.shape.slice(outputAxis + 1).reduce((product, size) => product * size, 1);
  const size = result.shape[outputAxis] as number;
  const sums = new Float64Array(size).fill(Number.NaN);
  for (let i = 0; i < numbers.length; i++) {
    const at = Math.floor(i / inner) % size;
    if (Number.isNaN(sums[at])) sums[at] = numbers[i] as number;
    if (sums[at] !== numbers[i]) return undefined;
  }
  return sums;
}

function sumOfProducts(node: GraphNode, data: number, x: Tensor, w: Tensor): Tensor {
  if (isNode(node, "conv2d")) return conv2d(x, w, windowOf(node.attributes));
  if (isNode(node, "convTranspose2d")) {
    const { outputPadding } = node.attributes;
    return convTranspose2d(x, w, { ...windowOf(node.attributes), outputPadding });
  }
  return data === 0 ? matmul(x, w) : matmul(w, x);
}

function windowOf<Window extends { strides: unknown; pads: unknown; dilations: unknown }>({
  strides,
  pads,
  dilations,
}: Window): Pick<Window, "strides" | "pads" | "dilations"> {
  return { strides, pads, dilations };
}

/** Where sums go: into constants that are added behind (other values for these), or into additions of their own. */
export interface FoldedSums {
  readonly constants: ReadonlyMap<string, HostTensor>;
  readonly added: ReadonlyMap<string, HostTensor>;
}

/** Puts what folded terms come to into the bias behind each sum, where there is one of its own. */
export function placeSums(graph: Graph, sums: Folding["sums"]): FoldedSums {
  const constants = new Map<string, HostTensor>();
  const added = new Map<string, HostTensor>();
  for (const [{ node, outputAxis }, terms] of sums) {
    const name = node.outputs[0] as string;
    const type = graph.types[name] as ValueType;
    const bias = biasBehind(graph, name, terms.length, type.shape.length - outputAxis);
    const old = bias === undefined ? undefined : (graph.constants[bias] as HostTensor);
    if (bias === undefined || old === undefined) {
      const shape = [terms.length, ...type.shape.slice(outputAxis + 1).map(() => 1)];
      added.set(name, tensor(Array.from(terms), { shape, dtype: type.dtype }));
      continue;
    }
    const before = old.dataSync() as Float32Array;
    const total = Array.from(terms, (term, i) => (before[i] as number) + term);
    constants.set(bias, tensor(total, { shape: old.shape, dtype: old.dtype }));
  }
  return { constants, added };
}

/**
 * The constant with one number per channel that is added to a value right behind it, and is read nowhere else; `fromEnd` is the
 * place of the channels, counted from the last axis.
 */
function biasBehind(graph: Graph, name: string, size: number, fromEnd: number): string | undefined {
  const readers = (value: string): GraphNode[] => graph.nodes.filter(({ inputs }) => inputs.includes(value));
  const isOutput = (value: string): boolean => graph.outputs.some((output) => output.value === value);
  const [sum, ...others] = readers(name);
  if (sum === undefined || others.length > 0 || isOutput(name) || !isNode(sum, "add")) return undefined;
  let bias = sum.inputs.find((input) => input !== name);
  const shape = bias === undefined ? undefined : graph.types[bias]?.shape;
  // One number per channel, at the place of the channels.
  if (shape?.at(-fromEnd) !== size || shape.some((own, i) => own !== 1 && i !== shape.length - fromEnd))
    return undefined;
  while (bias !== undefined) {
    if (readers(bias).length !== 1 || isOutput(bias)) return undefined;
    if (Object.hasOwn(graph.constants, bias)) return bias;
    const current: string = bias;
    const maker = graph.nodes.find(({ outputs }) => outputs.includes(current));
    bias = maker !== undefined && isNode(maker, "reshape") ? maker.inputs[0] : undefined;
  }
  return undefined;
}
