import type { Clamp, Layer } from "../network/layer.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { type MobileNet, type MobileNetLayer, mobileNetLayers } from "./mobileNet.ts";

const anything: Clamp = { min: -128, max: 127 };

/**
 * The int8 network of a `MobileNet` without numbers: maps and layers as planning sees them, those of `mobileNetGraph` after
 * `quantizeInt8` with int8 ports. Planning it takes no training, and no time for weights.
 */
export function shapeNetwork(net: MobileNet): Network {
  const maps: Record<string, FeatureMap> = {};
  const layers: Layer[] = [];
  const addMap = (name: string, height: number, channels: number): FeatureMap => {
    const map: FeatureMap = { name, height, width: height, channels, type: "int8", scale: 1, zeroPoint: 0 };
    maps[name] = map;
    return map;
  };
  const specs = new Map(mobileNetLayers(net).map((layer) => [layer.name, layer]));
  const convolution = (name: string, input: FeatureMap): FeatureMap => {
    const spec = specs.get(name);
    if (spec === undefined) return input;
    const output = addMap(name, Math.ceil(input.height / spec.stride), spec.outputs);
    layers.push(layerOf(spec, input.name));
    return output;
  };
  let x = convolution("stem", addMap("image", net.resolution, net.channels));
  net.blocks.forEach(({ stride, inputs, outputs }, i) => {
    const block = `block${i}`;
    const y = ["expand", "depthwise", "project"].reduce((map, part) => convolution(`${block}.${part}`, map), x);
    if (stride === 1 && inputs === outputs) {
      const add = `${block}.add`;
      layers.push({ kind: "binary", name: add, fn: "add", inputs: [x.name, y.name], output: add, clamp: anything });
      x = addMap(add, y.height, outputs);
    } else x = y;
  });
  const top = convolution("head", x);
  const mean = addMap("mean", 1, top.channels);
  layers.push({ kind: "globalPool", name: "mean", fn: "mean", inputs: [top.name], output: "mean", clamp: anything });
  convolution("classifier", mean);
  const image = { name: "image", map: "image", shape: [1, net.channels, net.resolution, net.resolution] };
  const logits = { name: "logits", map: "classifier", shape: [1, net.classes] };
  return {
    name: "mobileNet",
    inputs: [{ ...image, layout: "nchw", dtype: "int8" }],
    outputs: [{ ...logits, layout: "rowMajor", dtype: "int8" }],
    layers,
    maps,
  };
}

function layerOf({ name, kernel, stride, groups, inputs }: MobileNetLayer, input: string): Layer {
  const pad = (kernel - 1) / 2;
  const window = {
    kernel: [kernel, kernel],
    strides: [stride, stride],
    dilations: [1, 1],
    padBefore: [pad, pad],
    padAfter: [pad, pad],
  } as const;
  const numbers = { weights: new Int8Array(0), bias: new Int32Array(0), clamp: anything };
  const base = { name, inputs: [input], output: name, ...window, ...numbers };
  if (groups === inputs && groups > 1) return { ...base, kind: "depthwiseConv2d", depthMultiplier: 1 };
  return { ...base, kind: "conv2d", groups };
}

/** Bytes of int8 weights and int32 biases. */
export function flashBytesOf(net: MobileNet): number {
  return mobileNetLayers(net).reduce(
    (sum, { kernel, inputs, outputs, groups }) => sum + (kernel * kernel * inputs * outputs) / groups + 4 * outputs,
    0,
  );
}
