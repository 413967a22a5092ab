import type { Clamp, Layer, Pair, ResizeAxis, Window } from "../network/layer.ts";
import type { CellType, FeatureMap, Network, Port } from "../network/network.ts";
import { codes, fixedResizeAxis, type Quantization } from "../network/quantization.ts";
import type { WindowRecipe } from "./recipe.ts";
import { uniformFrom } from "../base/uniform.ts";

type Size = readonly [height: number, width: number, channels: number];
/** A layer without the names that a draft gives. */
export type Unnamed<L = Layer> = L extends Layer ? Omit<L, "name" | "inputs" | "output"> : never;

const noLimit: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Maps with more cells than this stay out of random networks: they cost time and find nothing. */
const mostCells = 40_000;

/** A network that is being written layer by layer; all int8 maps have one scale and zero point. */
export class NetworkDraft {
  readonly type: CellType;
  readonly uniform: () => number;
  readonly quantization: Quantization;
  readonly #maps: Record<string, FeatureMap> = {};
  readonly #layers: Layer[] = [];
  readonly #made: string[] = [];

  constructor(type: CellType, seed: number) {
    this.type = type;
    this.uniform = uniformFrom(seed);
    const scale = 0.03 + 0.04 * this.uniform();
    const place = this.uniform();
    // Codes that all stand for numbers of one sign are common after activations.
    const zeroPoint = place < 0.1 ? -128 : place > 0.9 ? 127 : Math.floor(75 * (place - 0.1)) - 30;
    this.quantization = { scale, zeroPoint };
  }

  map(name: string): FeatureMap {
    return this.#maps[name] as FeatureMap;
  }

  /** The n-th last map that fits, from 0; undefined when none does. */
  last(n: number, fits: (map: FeatureMap) => boolean): string | undefined {
    const fitting = this.#made.filter((name) => fits(this.map(name)));
    return fitting[Math.max(0, fitting.length - 1 - n)];
  }

  input(size: Size, type: CellType = this.type): string {
    return this.#define(`input${Object.keys(this.#maps).length}`, size, type);
  }

  /** A map of other dimensions over the same bytes. */
  view(of: string, [height, width, channels]: Size): string {
    const name = `view${Object.keys(this.#maps).length}`;
    const { name: _, ...source } = this.map(of);
    this.#maps[name] = { ...source, name, height, width, channels, viewOf: source.viewOf ?? of };
    return name;
  }

  /** Adds a layer and gives the name of its map. */
  add(layer: Unnamed, inputs: readonly string[], size: Size, type: CellType = this.type): string {
    const index = this.#layers.length;
    const output = this.#define(`map${index}`, size, type);
    this.#layers.push({ ...layer, name: `${layer.kind}${index}`, inputs, output } as Layer);
    return output;
  }

  finish(name: string, inputs: readonly string[], outputs: readonly string[]): Network {
    const port = (map: string): Port => {
      const { height, width, channels, type } = this.map(map);
      return { name: map, map, shape: [1, channels, height, width], layout: "nchw", dtype: type };
    };
    return {
      name,
      inputs: inputs.map(port),
      outputs: [...new Set(outputs)].map(port),
      layers: this.#layers,
      maps: this.#maps,
    };
  }

  clamp(relu = false): Clamp {
    if (this.type === "float32") return relu ? { min: 0, max: 6 } : noLimit;
    return relu ? { min: this.quantization.zeroPoint, max: 127 } : codes;
  }

  #define(name: string, [height, width, channels]: Size, type: CellType): string {
    const quantization = type === "int8" ? this.quantization : {};
    this.#maps[name] = { name, height, width, channels, type, ...quantization };
    this.#made.push(name);
    return name;
  }
}

/** The window over an image, and the size of what it gives; undefined when nothing is left. */
export function placeWindow(
  recipe: WindowRecipe,
  height: number,
  width: number,
  mostPad: (extent: number) => number,
): { readonly window: Window; readonly size: Pair } | undefined {
  const { kernel, strides, dilations, padding } = recipe;
  const before: [number, number] = [0, 0];
  const after: [number, number] = [0, 0];
  const size: [number, number] = [0, 0];
  for (const axis of [0, 1] as const) {
    const length = axis === 0 ? height : width;
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    if (padding === "same") {
      const total = Math.max(0, (Math.ceil(length / strides[axis]) - 1) * strides[axis] + extent - length);
      before[axis] = total >> 1;
      after[axis] = total - before[axis];
    } else if (padding !== "valid") {
      before[axis] = Math.min(padding[axis], mostPad(extent));
      after[axis] = Math.min(padding[2 + axis] as number, mostPad(extent));
    }
    size[axis] = Math.floor((length + before[axis] + after[axis] - extent) / strides[axis]) + 1;
    if (length + before[axis] + after[axis] < extent) return undefined;
  }
  if (size[0] * size[1] > mostCells) return undefined;
  return { window: { kernel, strides, dilations, padBefore: before, padAfter: after }, size };
}

/** Where the positions of a resized axis come from: half-pixel centres; nearest rounds down. */
export function resizeAxis(from: number, to: number, mode: "nearest" | "linear", type: CellType): ResizeAxis {
  if (mode === "linear" && type === "int8") return fixedResizeAxis(from, to, { halfPixelCenters: true });
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    low[i] = mode === "nearest" ? Math.min(Math.floor((i * from) / to), from - 1) : Math.floor(position);
    share[i] = mode === "nearest" ? 0 : position - (low[i] as number);
    high[i] = Math.min((low[i] as number) + (share[i] === 0 ? 0 : 1), from - 1);
  }
  return { low, high, share };
}
