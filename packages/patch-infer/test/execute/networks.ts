import type { Conv2d, FeatureMap, Layer, Network } from "@parsimony/patch-infer";

const noLimit = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Settings of a convolution along a row of cells with one channel. */
export interface RowConvolution {
  readonly weights: readonly number[];
  readonly bias?: number;
  readonly stride?: number;
  readonly before?: number;
  readonly after?: number;
}

/** A chain of convolutions over one row of cells: inputs "x", maps "y1", "y2", …; the last is the output. */
export function rowNetwork(width: number, convolutions: readonly RowConvolution[]): Network {
  const maps: FeatureMap[] = [{ name: "x", height: 1, width, channels: 1, type: "float32" }];
  const layers = convolutions.map((convolution, i): Conv2d => {
    const { weights, bias = 0, stride = 1, before = 0, after = 0 } = convolution;
    const input = maps.at(-1) as FeatureMap;
    const size = Math.floor((input.width + before + after - weights.length) / stride) + 1;
    maps.push({ ...input, name: `y${i + 1}`, width: size });
    return {
      kind: "conv2d",
      name: `conv${i + 1}`,
      inputs: [input.name],
      output: `y${i + 1}`,
      kernel: [1, weights.length],
      strides: [1, stride],
      dilations: [1, 1],
      padBefore: [0, before],
      padAfter: [0, after],
      groups: 1,
      weights: Float32Array.from(weights),
      bias: Float32Array.of(bias),
      clamp: noLimit,
    };
  });
  return networkOfMaps(maps, layers, [maps.at(-1)?.name as string]);
}

/** A network over the maps; the first is its input. Ports have the shapes of the maps, height x width x channels. */
export function networkOfMaps(
  maps: readonly FeatureMap[],
  layers: readonly Layer[],
  outputs: readonly string[],
): Network {
  const byName = Object.fromEntries(maps.map((map) => [map.name, map]));
  const port = (name: string): Network["inputs"][number] => {
    const { height, width, channels, type } = byName[name] as FeatureMap;
    return { name, map: name, shape: [1, height, width, channels], layout: "rowMajor", dtype: type };
  };
  return { name: "test", inputs: [port(maps[0]?.name as string)], outputs: outputs.map(port), layers, maps: byName };
}

/** The example that was worked out by hand: two convolutions, stride 2 then 1, TFLite's SAME padding. */
export const workedInput = Float32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0);
export const workedOutput: readonly number[] = [0, -4.5, 5.5, 8, -4.5, -2, -3.5, 5.5];
export const workedNetwork: Network = rowNetwork(16, [
  { weights: [1, -2, 1], bias: 1, stride: 2, after: 1 },
  { weights: [0.5, 1, -1], before: 1, after: 1 },
]);
