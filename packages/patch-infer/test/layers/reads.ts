import type { Layer, Window } from "../../src/network/layer.ts";
import type { FeatureMap } from "../../src/network/network.ts";
import type { Axis } from "../../src/layers/rule.ts";

/**
 * The positions along an axis of input `index` that one output position is made from, inside the image: straight from what
 * the layer is, one product at a time.
 */
export function reads(
  layer: Layer,
  index: number,
  axis: Axis,
  position: number,
  { inputs, output }: { readonly inputs: readonly FeatureMap[]; readonly output: FeatureMap },
): number[] {
  const i = axis === "rows" ? 0 : 1;
  const sizeOf = ({ height, width }: FeatureMap): number => (axis === "rows" ? height : width);
  const size = sizeOf(inputs[index] as FeatureMap);
  const inside = (positions: readonly number[]): number[] => positions.filter((p) => p >= 0 && p < size);
  const all = Array.from({ length: size }, (_, p) => p);
  const taps = ({ kernel }: Window): number[] => Array.from({ length: kernel[i] }, (_, tap) => tap);
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
    case "maxPool2d":
    case "averagePool2d":
      return inside(
        taps(layer).map((tap) => position * layer.strides[i] - layer.padBefore[i] + tap * layer.dilations[i]),
      );
    case "convTranspose2d":
      return all.filter((p) =>
        taps(layer).some((tap) => p * layer.strides[i] - layer.padBefore[i] + tap * layer.dilations[i] === position),
      );
    case "binary":
      return size === 1 && sizeOf(output) > 1 ? [0] : [position];
    case "unary":
    case "convert":
    case "softmax":
      return [position];
    case "pad":
      return inside([position - layer.before[i]]);
    case "concat": {
      if (layer.axis !== i) return [position];
      const before = inputs.slice(0, index).reduce((sum, map) => sum + sizeOf(map), 0);
      return inside([position - before]);
    }
    case "resize2d": {
      const { low, high } = axis === "rows" ? layer.rows : layer.columns;
      return [low[position] as number, high[position] as number];
    }
    case "depthToSpace":
      return [Math.floor(position / layer.block)];
    case "spaceToDepth":
      return Array.from({ length: layer.block }, (_, k) => position * layer.block + k);
    case "slice":
      return [layer.starts[i] + position * layer.steps[i]];
    case "globalPool":
      return all;
    case "transpose":
      return layer.permutation[i] === i && size === sizeOf(output) ? [position] : all;
  }
}
