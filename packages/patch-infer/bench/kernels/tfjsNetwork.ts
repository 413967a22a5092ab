import * as tf from "@tensorflow/tfjs-core";
import type { Clamp, Conv2d, DepthwiseConv2d, Layer } from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";

/**
 * The same network with tfjs, layer by layer, weights made once, intermediate results dropped at the end of each run.
 *
 * @throws Error for a kind of layer that this bench doesn't need.
 */
export function tfjsNetwork(network: Network): (image: tf.Tensor4D) => Float32Array[] {
  const steps = network.layers.map((layer) => stepOf(layer, network));
  return (image) =>
    tf.tidy(() => {
      const values = new Map<string, tf.Tensor4D>([[network.inputs[0]?.map as string, image]]);
      const value = (name: string): tf.Tensor4D => {
        const map = network.maps[name] as FeatureMap;
        const found = values.get(map.viewOf ?? name) as tf.Tensor4D;
        return map.viewOf === undefined ? found : tf.reshape(found, [1, map.height, map.width, map.channels]);
      };
      network.layers.forEach((layer, index) => {
        values.set(layer.output, (steps[index] as Step)(layer.inputs.map(value)));
      });
      return network.outputs.map(({ map }) => value(map).dataSync() as Float32Array);
    });
}

type Step = (inputs: readonly tf.Tensor4D[]) => tf.Tensor4D;

function stepOf(layer: Layer, { maps }: Network): Step {
  const input = maps[layer.inputs[0] as string] as FeatureMap;
  switch (layer.kind) {
    case "conv2d": {
      const { kernel, weights } = layer;
      const size: [number, number, number, number] = [
        maps[layer.output]?.channels as number,
        ...kernel,
        input.channels,
      ];
      const filter = tf.tidy(() => tf.transpose(tf.tensor4d(weights as Float32Array, size), [1, 2, 3, 0]));
      return convolution(layer, input, filter as tf.Tensor4D, tf.fused.conv2d);
    }
    case "depthwiseConv2d": {
      const { kernel, weights } = layer;
      const filter = tf.tensor4d(weights as Float32Array, [...kernel, input.channels, 1]);
      return convolution(layer, input, filter, tf.fused.depthwiseConv2d);
    }
    case "binary":
      if (layer.fn !== "add" || layer.inputs.length !== 2) break;
      return ([a, b]) => clamped(tf.add(a as tf.Tensor4D, b as tf.Tensor4D), layer.clamp);
    case "unary":
      if (layer.fn !== "clamp") break;
      return ([x]) => clamped(x as tf.Tensor4D, layer.clamp);
    case "pad": {
      const around = [0, 1, 2].map((axis) => [layer.before[axis], layer.after[axis]] as [number, number]);
      return ([x]) => tf.pad(x as tf.Tensor4D, [[0, 0], ...around], layer.value) as tf.Tensor4D;
    }
    case "maxPool2d":
      return ([x]) => tf.maxPool(x as tf.Tensor4D, [...layer.kernel], [...layer.strides], "same");
    case "globalPool":
      return ([x]) => tf.mean(x as tf.Tensor4D, [1, 2], true);
    case "concat":
      return (inputs) => tf.concat([...inputs], layer.axis + 1);
    default:
  }
  throw new Error(`${layer.name}: this bench doesn't know ${layer.kind}`);
}

function convolution(
  { strides, padBefore, padAfter, bias, clamp, kernel }: Conv2d | DepthwiseConv2d,
  { height, width }: FeatureMap,
  filter: tf.Tensor4D,
  apply: typeof tf.fused.conv2d | typeof tf.fused.depthwiseConv2d,
): Step {
  const offset = tf.tensor1d(bias as Float32Array);
  const total = (axis: 0 | 1, size: number): number =>
    Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + kernel[axis] - size);
  const isSame = ([0, 1] as const).every((axis) => {
    const all = total(axis, axis === 0 ? height : width);
    return padBefore[axis] === Math.floor(all / 2) && padAfter[axis] === all - Math.floor(all / 2);
  });
  const isEven = new Set([...padBefore, ...padAfter]).size === 1;
  if (!isSame && !isEven) throw new Error("this bench knows padding of one width and SAME");
  const activation = clamp.min !== 0 ? "linear" : clamp.max === 6 ? "relu6" : "relu";
  const pad = isSame ? "same" : padBefore[0];
  return ([x]) =>
    (apply as typeof tf.fused.conv2d)({
      x: x as tf.Tensor4D,
      filter,
      strides: [...strides],
      pad,
      bias: offset,
      activation,
    });
}

function clamped(x: tf.Tensor4D, { min, max }: Clamp): tf.Tensor4D {
  if (min === 0) return max === 6 ? tf.relu6(x) : tf.relu(x);
  return x;
}
