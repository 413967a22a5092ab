import type { Clamp } from "../../network/layer.ts";
import { type Draft, type DraftLayer, type OpenConvolution, dimsOf, isOpenConvolution, sameDims } from "../draft.ts";
import { readersOf } from "./readers.ts";

const unclamped = ({ min, max }: Clamp): boolean => min === -Infinity && max === Infinity;

/** First one range, then another. */
export function clampTwice(first: Clamp, second: Clamp): Clamp {
  const move = (value: number): number => Math.min(Math.max(value, second.min), second.max);
  return { min: move(first.min), max: move(first.max) };
}

/** Numbers per output channel times and plus which a layer's results are taken. */
function scaled(layer: OpenConvolution, factor: (channel: number) => number): OpenConvolution {
  const channels = layer.bias.length;
  const per = layer.weights.length / channels;
  const channelOf = layer.kind === "depthwiseConv2d" ? (i: number) => i % channels : (i: number) => Math.floor(i / per);
  const { stored: _, ...rest } = layer;
  return {
    ...rest,
    weights: layer.weights.map((weight, i) => weight * factor(channelOf(i))),
    bias: layer.bias.map((value, channel) => value * factor(channel)),
  };
}

function shifted(layer: OpenConvolution, number: (channel: number) => number, next: DraftLayer): OpenConvolution {
  const { stored, ...rest } = layer;
  const bias = layer.bias.map((value, channel) => value + number(channel));
  if (stored === undefined) return { ...rest, bias };
  const { bias: _, ...weights } = stored;
  const wasZero = layer.bias.every((value) => value === 0);
  const codes = next.kind === "binary" && next.fn === "add" ? next.storedConstant : undefined;
  const isBias = wasZero && codes?.zeroPoints.every((zero) => zero === 0) === true;
  const own = isBias ? { bias: codes } : {};
  return { ...rest, bias, stored: { ...weights, ...own } };
}

/** A convolution that does what a layer with a constant after it does, or undefined. */
function withConstant(layer: OpenConvolution, next: DraftLayer): OpenConvolution | undefined {
  if (next.kind !== "binary" || next.constant === undefined || !unclamped(layer.clamp)) return undefined;
  const { constant } = next;
  const channels = layer.bias.length;
  if (constant.length !== 1 && constant.length !== channels) return undefined;
  // Infinite factors and zeros to divide by give what only the layer itself gives.
  if (!constant.every((number) => Number.isFinite(number) && (next.fn !== "div" || number !== 0))) return undefined;
  const at = (channel: number): number => constant[constant.length === 1 ? 0 : channel] as number;
  const clamped = { clamp: next.clamp };
  switch (next.fn) {
    case "add":
      return { ...shifted(layer, at, next), ...clamped };
    case "sub":
      return { ...shifted(layer, (channel) => -at(channel), next), ...clamped };
    case "rsub":
      return {
        ...shifted(
          scaled(layer, () => -1),
          at,
          next,
        ),
        ...clamped,
      };
    case "mul":
      return { ...scaled(layer, at), ...clamped };
    case "div":
      return { ...scaled(layer, (channel) => 1 / at(channel)), ...clamped };
    default:
      return undefined;
  }
}

/** The layer that does what two layers one after the other do, or undefined. */
function joined(layer: DraftLayer, next: DraftLayer): DraftLayer | undefined {
  const takesClamp = "clamp" in layer && (layer.kind !== "unary" || layer.fn === "clamp");
  if (next.kind === "unary" && next.fn === "clamp" && takesClamp) {
    return { ...layer, clamp: clampTwice(layer.clamp, next.clamp) };
  }
  return isOpenConvolution(layer) ? withConstant(layer, next) : undefined;
}

/**
 * Biases, factors and ranges that follow a layer become part of it, where nothing else reads what is in between. Factors
 * (batch normalisation) are multiplied into the weights in doubles; they are rounded once, with the finished layer.
 */
export function foldIntoLayers(draft: Draft, outputs: Iterable<string>): void {
  const readers = readersOf(draft, outputs);
  const byOutput = new Map(draft.layers.map((layer) => [layer.output, layer]));
  for (const next of draft.layers) {
    const [input] = next.inputs as [string];
    const layer = byOutput.get(input);
    if (layer === undefined || next.inputs.length !== 1 || readers.only(input) !== next) continue;
    if (draft.map(next.output).type !== "float32" || draft.map(layer.output).type !== "float32") continue;
    if (!sameDims(dimsOf(draft.map(input)), dimsOf(draft.map(next.output)))) continue;
    const both = joined(layer, next);
    if (both === undefined) continue;
    byOutput.delete(input);
    byOutput.set(next.output, { ...both, name: next.output, output: next.output } as DraftLayer);
  }
  const kept = draft.layers.flatMap((layer) => {
    const now = byOutput.get(layer.output);
    return now === undefined ? [] : [now];
  });
  draft.layers.splice(0, draft.layers.length, ...kept);
}
