import type { Layer, Window } from "../../src/network/layer.ts";
import type { CellType, FeatureMap, Network } from "../../src/network/network.ts";

/** Padding of one axis. */
export type Padding = "same" | "valid" | readonly [before: number, after: number];

/**
 * Networks for planning, layer by layer: sizes are those of real ones, weights are zeros. Each function adds a layer and gives
 * the name of the map that it makes.
 */
export class NetworkBuilder {
  readonly #layers: Layer[] = [];
  readonly #maps: Record<string, FeatureMap> = {};
  readonly #inputs: string[] = [];
  readonly #type: CellType;

  constructor(type: CellType = "int8") {
    this.#type = type;
  }

  input(height: number, width: number, channels: number): string {
    const name = `input${this.#inputs.length}`;
    this.#inputs.push(name);
    return this.#map(name, height, width, channels);
  }

  conv(from: string, channels: number, kernel: number, stride = 1, padding: Padding = "same"): string {
    const input = this.map(from);
    const window = this.#window(input, kernel, stride, padding);
    return this.#add(
      {
        kind: "conv2d",
        ...window,
        groups: 1,
        weights: this.#weights(channels * kernel * kernel * input.channels),
        bias: this.#bias(channels),
        clamp: this.#clamp(),
        ...this.#scales(channels),
      },
      [from],
      channels,
      sizes(input, window),
    );
  }

  depthwise(from: string, kernel: number, stride = 1, padding: Padding = "same"): string {
    const input = this.map(from);
    const window = this.#window(input, kernel, stride, padding);
    return this.#add(
      {
        kind: "depthwiseConv2d",
        ...window,
        depthMultiplier: 1,
        weights: this.#weights(kernel * kernel * input.channels),
        bias: this.#bias(input.channels),
        clamp: this.#clamp(),
        ...this.#scales(input.channels),
      },
      [from],
      input.channels,
      sizes(input, window),
    );
  }

  maxPool(from: string, kernel: number, stride = kernel, padding: Padding = "valid"): string {
    const input = this.map(from);
    const window = this.#window(input, kernel, stride, padding);
    return this.#add(
      { kind: "maxPool2d", ...window, clamp: this.#clamp() },
      [from],
      input.channels,
      sizes(input, window),
    );
  }

  add(a: string, b: string): string {
    const { height, width, channels } = this.map(a);
    const requantization = { leftShift: 20, multipliers: [1 << 30, 1 << 30, 1 << 30], shifts: [0, 0, 0] } as const;
    return this.#add(
      { kind: "binary", fn: "add", clamp: this.#clamp(), ...(this.#type === "int8" ? { requantization } : {}) },
      [a, b],
      channels,
      [height, width],
    );
  }

  globalMean(from: string): string {
    const { channels } = this.map(from);
    return this.#add(
      { kind: "globalPool", fn: "mean", clamp: this.#clamp(), ...this.#scales(1) },
      [from],
      channels,
      [1, 1],
    );
  }

  map(name: string): FeatureMap {
    return this.#maps[name] as FeatureMap;
  }

  network(name: string, ...outputs: readonly string[]): Network {
    const port = (map: string): Network["inputs"][number] => {
      const { height, width, channels } = this.map(map);
      return { name: map, map, shape: [1, height, width, channels], layout: "rowMajor", dtype: this.#type };
    };
    return { name, inputs: this.#inputs.map(port), outputs: outputs.map(port), layers: this.#layers, maps: this.#maps };
  }

  #add(
    layer: DistributiveOmit<Layer, "name" | "inputs" | "output">,
    inputs: readonly string[],
    channels: number,
    [height, width]: readonly [number, number],
  ): string {
    const name = `${layer.kind}${this.#layers.length}`;
    this.#layers.push({ ...layer, name, inputs, output: name });
    return this.#map(name, height, width, channels);
  }

  #map(name: string, height: number, width: number, channels: number): string {
    const quantized = this.#type === "int8" ? { scale: 1, zeroPoint: 0 } : {};
    this.#maps[name] = { name, height, width, channels, type: this.#type, ...quantized };
    return name;
  }

  #window({ height, width }: FeatureMap, kernel: number, stride: number, padding: Padding): Window {
    const [top, bottom] = paddingOf(height, kernel, stride, padding);
    const [left, right] = paddingOf(width, kernel, stride, padding);
    return {
      kernel: [kernel, kernel],
      strides: [stride, stride],
      dilations: [1, 1],
      padBefore: [top, left],
      padAfter: [bottom, right],
    };
  }

  #weights(length: number): Float32Array | Int8Array {
    return this.#type === "int8" ? new Int8Array(length) : new Float32Array(length);
  }

  #bias(length: number): Float32Array | Int32Array {
    return this.#type === "int8" ? new Int32Array(length) : new Float32Array(length);
  }

  #clamp(): { min: number; max: number } {
    return this.#type === "int8" ? { min: -128, max: 127 } : { min: -Infinity, max: Infinity };
  }

  #scales(channels: number): { requantization?: { multiplier: Int32Array; shift: Int32Array } } {
    if (this.#type !== "int8") return {};
    return { requantization: { multiplier: new Int32Array(channels).fill(1 << 30), shift: new Int32Array(channels) } };
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** TFLite's rule for "same". */
function paddingOf(size: number, kernel: number, stride: number, padding: Padding): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding !== "same") return padding;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function sizes({ height, width }: FeatureMap, window: Window): [number, number] {
  const along = (size: number, i: 0 | 1): number =>
    Math.floor((size + window.padBefore[i] + window.padAfter[i] - window.kernel[i]) / window.strides[i]) + 1;
  return [along(height, 0), along(width, 1)];
}

/** One inverted residual: expand, depthwise, project, and the addition where shapes agree. */
export function invertedResidual(
  net: NetworkBuilder,
  from: string,
  {
    channels,
    expansion,
    stride,
    kernel = 3,
    residual = true,
  }: { channels: number; expansion: number; stride: number; kernel?: number; residual?: boolean },
): string {
  const input = net.map(from).channels;
  const wide = expansion === 1 ? from : net.conv(from, input * expansion, 1);
  const narrow = net.conv(net.depthwise(wide, kernel, stride), channels, 1);
  return residual && stride === 1 && channels === input ? net.add(narrow, from) : narrow;
}

/** Expansion, output channels, repetitions, first stride. */
export const mobileNetV2Blocks = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** MobileNetV2 (Sandler et al. 2018), int8, with the classifier as a 1 x 1 convolution. */
export function mobileNetV2(size = 224, width = 1): Network {
  const of = (channels: number): number => {
    const scaled = channels * width;
    const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8);
    return rounded < 0.9 * scaled ? rounded + 8 : rounded;
  };
  const net = new NetworkBuilder();
  let at = net.conv(net.input(size, size, 3), of(32), 3, 2);
  for (const [expansion, channels, count, first] of mobileNetV2Blocks) {
    for (let i = 0; i < count; i++) {
      at = invertedResidual(net, at, { channels: of(channels), expansion, stride: i === 0 ? first : 1 });
    }
  }
  at = net.conv(at, width > 1 ? of(1280) : 1280, 1);
  return net.network(`mobilenet-v2-${width}-${size}`, net.conv(net.globalMean(at), 1000, 1));
}
