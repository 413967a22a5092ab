import { uniformFrom } from "../base/uniform.ts";
import { mapsOf } from "../layers/rules.ts";
import type { Clamp, Layer, LayerKind, LayerOf, Unary } from "../network/layer.ts";
import type { FeatureMap, Network } from "../network/network.ts";

const noLimit: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/**
 * A float32 network with the windows, sizes and connections of another one in which more of anything that is read always means more of
 * what is made: weights are positive, nothing is cut off, maxima are means, differences are sums.
 */
export function positiveTwin(network: Network, seed: number): Network {
  const uniform = uniformFrom(seed);
  const maps = Object.entries(network.maps).map(
    ([name, { scale: _s, zeroPoint: _z, ...map }]): [string, FeatureMap] => [name, { ...map, type: "float32" }],
  );
  const layers = network.layers.map((layer) => {
    const { output } = mapsOf(network, layer);
    return (rows[layer.kind] as (layer: Layer, uniform: () => number, channels: number) => Layer)(
      layer,
      uniform,
      output.channels,
    );
  });
  return { ...network, maps: Object.fromEntries(maps), layers };
}

const positive = (count: number, uniform: () => number, share: number): Float32Array =>
  Float32Array.from({ length: count }, () => share * (0.5 + uniform()));

function convolution<L extends LayerOf<"conv2d" | "depthwiseConv2d" | "convTranspose2d">>(
  layer: L,
  uniform: () => number,
  channels: number,
): L {
  const { requantization: _, ...rest } = layer;
  const weights = positive(layer.weights.length, uniform, channels / layer.weights.length);
  return { ...rest, weights, bias: positive(channels, uniform, 1), clamp: noLimit } as unknown as L;
}

function cellwise({ name, inputs, output }: Layer): Unary {
  return { kind: "unary", fn: "abs", clamp: noLimit, name, inputs, output };
}

const rows: { readonly [K in LayerKind]: (layer: LayerOf<K>, uniform: () => number, channels: number) => Layer } = {
  conv2d: convolution,
  depthwiseConv2d: convolution,
  convTranspose2d: convolution,
  maxPool2d: (layer) => ({ ...layer, kind: "averagePool2d", countIncludePad: true, clamp: noLimit }),
  averagePool2d: (layer) => ({ ...layer, clamp: noLimit }),
  binary: ({ name, inputs, output, constant }) => ({
    kind: "binary",
    fn: "add",
    clamp: noLimit,
    name,
    inputs,
    output,
    ...(constant === undefined ? {} : { constant: Float32Array.from(constant, () => 0.5) }),
  }),
  unary: cellwise,
  convert: cellwise,
  softmax: cellwise,
  pad: (layer) => ({ ...layer, value: 0.25 }),
  concat: (layer) => layer,
  resize2d: (layer) => layer,
  depthToSpace: (layer) => layer,
  spaceToDepth: (layer) => layer,
  slice: (layer) => layer,
  transpose: (layer) => layer,
  globalPool: ({ requantization: _, ...layer }) => ({ ...layer, fn: "mean", clamp: noLimit }),
};
