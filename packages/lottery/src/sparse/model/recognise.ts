import { type Graph, type GraphNode, type HostTensor, isNode } from "@parsimony/core-tensor";
import { type ImageShape, type Stage, type WeightedStage, imageSize } from "./stages.ts";

/** What a node does within a chain: a stage of its own, more for the stage before it, or nothing (a reshape). */
export type Recognised =
  | { readonly kind: "stage"; readonly stage: Stage }
  | { readonly kind: "bias"; readonly bias: Float32Array }
  | { readonly kind: "relu" }
  | { readonly kind: "reshape"; readonly flat: boolean };

/**
 * What a node does to `value`, one example of which has the shape `image`; `undefined` when kernels cannot do it. Axis 0 is
 * the batch throughout.
 */
export function recognise(graph: Graph, node: GraphNode, value: string): Recognised | undefined {
  const image = imageOf(graph, value);
  const output = imageOf(graph, node.outputs[0] as string);
  if (image === undefined || output === undefined) return undefined;
  if (isNode(node, "relu")) return { kind: "relu" };
  if (isNode(node, "add")) return recogniseBias(graph, node, value, output);
  if (isNode(node, "reshape")) {
    if (!sameBatch(graph, value, node.outputs[0] as string) || imageSize(image) !== imageSize(output)) return undefined;
    return { kind: "reshape", flat: output[1] === 1 && output[2] === 1 };
  }
  if (isNode(node, "matmul")) return recogniseProduct(graph, node, value, image, output);
  if (isNode(node, "conv2d")) {
    const [, weightName] = node.inputs as [string, string];
    const weight = floatConstant(graph, weightName);
    if (node.inputs[0] !== value || weight === undefined) return undefined;
    return { kind: "stage", stage: convStage(weightName, weight, node.attributes, image, output) };
  }
  if (isNode(node, "maxPool2d")) {
    const { kernel, strides, pads, dilations } = node.attributes;
    const plain = pads.every((pad) => pad === 0) && dilations.every((step) => step === 1);
    return plain ? { kind: "stage", stage: { kind: "maxPool", input: image, output, kernel, strides } } : undefined;
  }
  return undefined;
}

/** Shape of one example of a float32 value with a batch axis and one or three more. */
export function imageOf(graph: Graph, value: string): ImageShape | undefined {
  const type = graph.types[value];
  if (type === undefined || type.dtype !== "float32") return undefined;
  const rest = type.shape.slice(1);
  if (!rest.every((dim): dim is number => typeof dim === "number" && dim > 0)) return undefined;
  if (rest.length === 1) return [rest[0] as number, 1, 1];
  return rest.length === 3 ? (rest as unknown as ImageShape) : undefined;
}

function sameBatch(graph: Graph, a: string, b: string): boolean {
  return String(graph.types[a]?.shape[0]) === String(graph.types[b]?.shape[0]);
}

function floatConstant(graph: Graph, name: string): HostTensor | undefined {
  const constant = graph.constants[name];
  return constant?.dtype === "float32" ? constant : undefined;
}

/** A constant added along the channels of `[batch, channels]` or `[batch, channels, height, width]`. */
function recogniseBias(graph: Graph, node: GraphNode, value: string, output: ImageShape): Recognised | undefined {
  const [a, b] = node.inputs as [string, string];
  const constant = floatConstant(graph, a === value ? b : a);
  if (constant === undefined || !sameBatch(graph, value, node.outputs[0] as string)) return undefined;
  const rank = graph.types[value]?.shape.length ?? 0;
  if (constant.rank > rank) return undefined;
  const shape = [...Array<number>(rank - constant.rank).fill(1), ...constant.shape];
  const [batch, channels, ...rest] = shape as [number, number, ...number[]];
  if (batch !== 1 || rest.some((dim) => dim !== 1) || (channels !== 1 && channels !== output[0])) return undefined;
  const data = constant.dataSync() as Float32Array;
  return {
    kind: "bias",
    bias: Float32Array.from({ length: output[0] }, (_, i) => data[channels === 1 ? 0 : i] as number),
  };
}

function recogniseProduct(
  graph: Graph,
  node: GraphNode,
  value: string,
  input: ImageShape,
  output: ImageShape,
): Recognised | undefined {
  const [x, name] = node.inputs as [string, string];
  const weight = floatConstant(graph, name);
  if (x !== value || weight?.rank !== 2 || graph.types[value]?.shape.length !== 2) return undefined;
  const [inputs, outputs] = weight.shape as [number, number];
  const data = weight.dataSync() as Float32Array;
  const values = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) values[o * inputs + i] = data[i * outputs + o] as number;
  }
  const stage: WeightedStage = {
    kind: "weighted",
    op: "matmul",
    name,
    matrix: { outputs, inputs, values },
    activation: "none",
    input,
    output,
    pads: [0, 0, 0, 0],
    strides: [1, 1],
  };
  return { kind: "stage", stage };
}

interface ConvAttributes {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly groups: number;
}

/** Taps of all channels, zeros for those of other groups. */
function convStage(
  name: string,
  weight: HostTensor,
  { strides, pads, dilations, groups }: ConvAttributes,
  input: ImageShape,
  output: ImageShape,
): WeightedStage {
  const [outputs, perGroup, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const window = kernelHeight * kernelWidth;
  const [channels] = input;
  const height = input[1] + pads[0] + pads[2];
  const width = input[2] + pads[1] + pads[3];
  const inputs = channels * window;
  const offsets = Uint32Array.from({ length: inputs }, (_, tap) => {
    const down = Math.floor((tap % window) / kernelWidth) * dilations[0];
    const right = (tap % kernelWidth) * dilations[1];
    return (Math.floor(tap / window) * height + down) * width + right;
  });
  const values = new Float32Array(outputs * inputs);
  const data = weight.dataSync() as Float32Array;
  const outputsPerGroup = outputs / groups;
  for (let o = 0; o < outputs; o++) {
    const begin = Math.floor(o / outputsPerGroup) * perGroup * window;
    const size = perGroup * window;
    values.set(data.subarray(o * size, (o + 1) * size), o * inputs + begin);
  }
  const matrix = { outputs, inputs, values, offsets };
  return { kind: "weighted", op: "conv2d", name, matrix, activation: "none", input, output, pads, strides };
}
