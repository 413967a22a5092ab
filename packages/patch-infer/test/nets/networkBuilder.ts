import type {
  AveragePool2d,
  Clamp,
  Conv2d,
  DepthwiseConv2d,
  Layer,
  MaxPool2d,
  Pair,
  ResizeAxis,
} from "../../src/network/layer.ts";
import type { CellType, FeatureMap, Network } from "../../src/network/network.ts";

/** `same`: TFLite's rule; a number: that many cells on all four sides; a list: top, left, bottom, right. */
export type Padding = "same" | "valid" | number | readonly [number, number, number, number];

export interface WindowOptions {
  kernel?: number | Pair;
  stride?: number | Pair;
  dilation?: number | Pair;
  padding?: Padding;
  groups?: number;
  name?: string;
}

const free: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Networks by hand, for tests of planning. Weights are 1 unless a test says otherwise: plans do not look at them. */
export class NetworkBuilder {
  readonly maps: Record<string, FeatureMap> = {};
  readonly layers: Layer[] = [];
  readonly #name: string;
  readonly #type: CellType;
  readonly #inputs: string[] = [];
  #count = 0;

  constructor(name = "net", type: CellType = "int8") {
    this.#name = name;
    this.#type = type;
  }

  input(height: number, width: number, channels: number, name = "image"): string {
    this.#inputs.push(name);
    return this.#map(name, height, width, channels);
  }

  conv(x: string, channels: number, options: WindowOptions = {}): string {
    const input = this.map(x);
    const groups = options.groups ?? 1;
    const window = windowOf(input, options);
    const [height, width] = outputSize(input, window);
    const taps = window.kernel[0] * window.kernel[1] * (input.channels / groups);
    const layer: Omit<Conv2d, "output"> = {
      kind: "conv2d",
      name: options.name ?? this.#fresh("conv"),
      inputs: [x],
      ...window,
      groups,
      weights: this.#weights(channels * taps),
      bias: this.#bias(channels),
      clamp: free,
    };
    return this.#add(layer, height, width, channels);
  }

  depthwise(x: string, options: WindowOptions & { multiplier?: number } = {}): string {
    const input = this.map(x);
    const multiplier = options.multiplier ?? 1;
    const window = windowOf(input, { kernel: 3, ...options });
    const [height, width] = outputSize(input, window);
    const channels = input.channels * multiplier;
    const layer: Omit<DepthwiseConv2d, "output"> = {
      kind: "depthwiseConv2d",
      name: options.name ?? this.#fresh("depthwise"),
      inputs: [x],
      ...window,
      depthMultiplier: multiplier,
      weights: this.#weights(window.kernel[0] * window.kernel[1] * channels),
      bias: this.#bias(channels),
      clamp: free,
    };
    return this.#add(layer, height, width, channels);
  }

  convTranspose(x: string, channels: number, options: WindowOptions = {}): string {
    const input = this.map(x);
    const window = windowOf(input, { padding: 0, ...options });
    const size = (axis: 0 | 1, cells: number): number =>
      (cells - 1) * window.strides[axis] +
      (window.kernel[axis] - 1) * window.dilations[axis] +
      1 -
      window.padBefore[axis] -
      window.padAfter[axis];
    const groups = options.groups ?? 1;
    const taps = window.kernel[0] * window.kernel[1] * (input.channels / groups);
    return this.#add(
      {
        kind: "convTranspose2d",
        name: options.name ?? this.#fresh("transposed"),
        inputs: [x],
        ...window,
        groups,
        weights: this.#weights(channels * taps),
        bias: this.#bias(channels),
        clamp: free,
      },
      size(0, input.height),
      size(1, input.width),
      channels,
    );
  }

  pool(x: string, kind: "maxPool2d" | "averagePool2d", options: WindowOptions = {}): string {
    const input = this.map(x);
    const window = windowOf(input, options);
    const [height, width] = outputSize(input, window);
    const base = { name: options.name ?? this.#fresh("pool"), inputs: [x], ...window, clamp: free };
    const layer: Omit<MaxPool2d, "output"> | Omit<AveragePool2d, "output"> =
      kind === "maxPool2d" ? { kind, ...base } : { kind, countIncludePad: false, ...base };
    return this.#add(layer, height, width, input.channels);
  }

  binary(a: string, b: string, fn: "add" | "mul" = "add"): string {
    const [x, y] = [this.map(a), this.map(b)];
    const height = Math.max(x.height, y.height);
    const width = Math.max(x.width, y.width);
    return this.#add(
      { kind: "binary", name: this.#fresh(fn), inputs: [a, b], fn, clamp: free },
      height,
      width,
      x.channels,
    );
  }

  unary(x: string): string {
    const { height, width, channels } = this.map(x);
    const layer = { kind: "unary", name: this.#fresh("relu"), inputs: [x], fn: "clamp", clamp: free } as const;
    return this.#add(layer, height, width, channels);
  }

  concat(inputs: readonly string[], axis: 0 | 1 | 2): string {
    const maps = inputs.map((name) => this.map(name));
    const size = [0, 0, 0].map((_, i) => {
      const along = maps.map(({ height, width, channels }) => [height, width, channels][i] ?? 0);
      return i === axis ? along.reduce((a, b) => a + b, 0) : Math.max(...along);
    });
    const layer = { kind: "concat", name: this.#fresh("concat"), inputs, axis } as const;
    return this.#add(layer, size[0] ?? 0, size[1] ?? 0, size[2] ?? 0);
  }

  resize(x: string, height: number, width: number, mode: "nearest" | "linear"): string {
    const map = this.map(x);
    const rows = resizeTable(map.height, height, mode);
    const columns = resizeTable(map.width, width, mode);
    const layer = { kind: "resize2d", name: this.#fresh("resize"), inputs: [x], mode, rows, columns } as const;
    return this.#add(layer, height, width, map.channels);
  }

  pad(x: string, before: readonly [number, number, number], after: readonly [number, number, number]): string {
    const { height, width, channels } = this.map(x);
    const layer = { kind: "pad", name: this.#fresh("pad"), inputs: [x], before, after, value: 0 } as const;
    return this.#add(
      layer,
      height + before[0] + after[0],
      width + before[1] + after[1],
      channels + before[2] + after[2],
    );
  }

  slice(x: string, starts: readonly [number, number, number], steps: readonly [number, number, number]): string {
    const { height, width, channels } = this.map(x);
    const size = (length: number, i: 0 | 1 | 2): number => Math.ceil((length - starts[i]) / steps[i]);
    const layer = { kind: "slice", name: this.#fresh("slice"), inputs: [x], starts, steps } as const;
    return this.#add(layer, size(height, 0), size(width, 1), size(channels, 2));
  }

  depthToSpace(x: string, block: number): string {
    const { height, width, channels } = this.map(x);
    const layer = { kind: "depthToSpace", name: this.#fresh("shuffle"), inputs: [x], block, order: "dcr" } as const;
    return this.#add(layer, height * block, width * block, channels / block ** 2);
  }

  spaceToDepth(x: string, block: number): string {
    const { height, width, channels } = this.map(x);
    const layer = { kind: "spaceToDepth", name: this.#fresh("unshuffle"), inputs: [x], block, order: "dcr" } as const;
    return this.#add(layer, height / block, width / block, channels * block ** 2);
  }

  globalPool(x: string): string {
    const { channels } = this.map(x);
    return this.#add(
      { kind: "globalPool", name: this.#fresh("mean"), inputs: [x], fn: "mean", clamp: free },
      1,
      1,
      channels,
    );
  }

  transpose(x: string, permutation: readonly [number, number, number]): string {
    const { height, width, channels } = this.map(x);
    const size = [height, width, channels];
    const layer = { kind: "transpose", name: this.#fresh("transpose"), inputs: [x], permutation } as const;
    const [h = 0, w = 0, c = 0] = permutation.map((axis) => size[axis] ?? 0);
    return this.#add(layer, h, w, c);
  }

  /** Another way to see a map. */
  view(x: string, height: number, width: number, channels: number): string {
    const name = this.#fresh("view");
    this.#map(name, height, width, channels);
    this.maps[name] = { ...this.map(name), viewOf: this.map(x).viewOf ?? x };
    return name;
  }

  build(outputs: readonly string[]): Network {
    const port = (name: string) => {
      const { height, width, channels } = this.map(name);
      const shape = [1, channels, height, width];
      return { name, map: name, shape, layout: "nchw", dtype: this.#type } as const;
    };
    return {
      name: this.#name,
      inputs: this.#inputs.map(port),
      outputs: outputs.map(port),
      layers: this.layers,
      maps: this.maps,
    };
  }

  map(name: string): FeatureMap {
    const map = this.maps[name];
    if (map === undefined) throw new Error(`no map ${name}`);
    return map;
  }

  #fresh(stem: string): string {
    return `${stem}${this.#count++}`;
  }

  #add(layer: DistributiveOmit<Layer, "output">, height: number, width: number, channels: number): string {
    this.layers.push({ ...layer, output: layer.name } as Layer);
    return this.#map(layer.name, height, width, channels);
  }

  #map(name: string, height: number, width: number, channels: number): string {
    const quantised = this.#type === "int8" ? { scale: 1, zeroPoint: 0 } : {};
    this.maps[name] = { name, height, width, channels, type: this.#type, ...quantised };
    return name;
  }

  #weights(count: number): Float32Array | Int8Array {
    return this.#type === "int8" ? new Int8Array(count).fill(1) : new Float32Array(count).fill(1);
  }

  #bias(count: number): Float32Array | Int32Array {
    return this.#type === "int8" ? new Int32Array(count) : new Float32Array(count);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function pair(value: number | Pair | undefined): Pair {
  return value === undefined ? [1, 1] : typeof value === "number" ? [value, value] : value;
}

function windowOf({ height, width }: FeatureMap, options: WindowOptions) {
  const kernel = pair(options.kernel);
  const strides = pair(options.stride);
  const dilations = pair(options.dilation);
  const padding = options.padding ?? "same";
  const around = (axis: 0 | 1, size: number): Pair => {
    if (padding === "valid") return [0, 0];
    if (typeof padding === "number") return [padding, padding];
    if (padding !== "same") return [padding[axis], padding[axis + 2] ?? 0];
    const out = Math.ceil(size / strides[axis]);
    const total = Math.max(0, (out - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - size);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  };
  const [rows, columns] = [around(0, height), around(1, width)];
  return {
    kernel,
    strides,
    dilations,
    padBefore: [rows[0], columns[0]] as Pair,
    padAfter: [rows[1], columns[1]] as Pair,
  };
}

function outputSize(map: FeatureMap, window: ReturnType<typeof windowOf>): Pair {
  const size = (axis: 0 | 1, cells: number): number =>
    Math.floor(
      (cells +
        window.padBefore[axis] +
        window.padAfter[axis] -
        (window.kernel[axis] - 1) * window.dilations[axis] -
        1) /
        window.strides[axis],
    ) + 1;
  return [size(0, map.height), size(1, map.width)];
}

/** Half-pixel centres. */
function resizeTable(from: number, to: number, mode: "nearest" | "linear"): ResizeAxis {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = ((i + 0.5) * from) / to - 0.5;
    const below = mode === "nearest" ? Math.floor(at + 0.5) : Math.floor(at);
    low[i] = Math.min(from - 1, Math.max(0, below));
    high[i] = mode === "nearest" ? (low[i] as number) : Math.min(from - 1, Math.max(0, below + 1));
    share[i] = mode === "nearest" ? 0 : at - below;
  }
  return { low, high, share };
}
