import { PatchInferError } from "../base/errors.ts";
import type { Binary, Conv2d, ConvTranspose2d, DepthwiseConv2d, Layer } from "../network/layer.ts";
import type { CellType, FeatureMap } from "../network/network.ts";
import type { Quantization } from "../network/quantization.ts";
import type { Dims } from "./moves.ts";

/** Weights as the program stores them: codes with one scale per output channel and zero point 0. */
export interface StoredWeights {
  /** In the order of the layer's weights. */
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  /** A bias that is stored as whole numbers; undefined where it is not or was changed. */
  readonly bias?: StoredConstant;
  /** One scale for all channels of a dense layer: TFLite multiplies it with the input's in float32. */
  readonly isDense?: boolean;
}

/** A constant as the program stores it, one entry per channel or one for all. */
export interface StoredConstant {
  readonly codes: Int32Array;
  readonly scales: Float32Array;
  readonly zeroPoints: Int32Array;
}

/** A layer with a constant that is stored as codes. */
export type DraftBinary = Binary & { readonly storedConstant?: StoredConstant };

/** Numbers of a convolution while layers are still folded into it: they are rounded once, at the end. */
export interface ExactNumbers {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly stored?: StoredWeights;
}

type WithExactNumbers<L extends Conv2d | DepthwiseConv2d | ConvTranspose2d> = Omit<
  L,
  "weights" | "bias" | "requantization"
> &
  ExactNumbers;

/** A convolution of floats that is not finished. */
export type OpenConvolution =
  | WithExactNumbers<Conv2d>
  | WithExactNumbers<DepthwiseConv2d>
  | WithExactNumbers<ConvTranspose2d>;

export type DraftLayer = Exclude<Layer, Binary> | DraftBinary | OpenConvolution;

export function isOpenConvolution(layer: DraftLayer): layer is OpenConvolution {
  return "weights" in layer && layer.weights instanceof Float64Array;
}

/** What is said of a layer besides where its values are. */
export type LayerSettings = DraftLayer extends infer L
  ? L extends DraftLayer
    ? Omit<L, "name" | "inputs" | "output">
    : never
  : never;

/** How the cells of a map are stored. */
export interface CellFormat {
  readonly type: CellType;
  /** int8 only. */
  readonly quantization?: Quantization;
}

export const float32: CellFormat = { type: "float32" };

export function formatOf({ type, scale, zeroPoint }: FeatureMap): CellFormat {
  return scale === undefined || zeroPoint === undefined ? { type } : { type, quantization: { scale, zeroPoint } };
}

export function dimsOf({ height, width, channels }: FeatureMap): Dims {
  return [height, width, channels];
}

export function sameDims(a: Dims, b: Dims): boolean {
  return a.every((size, i) => size === b[i]);
}

/** A network that is being written: layers and maps so far. */
export class Draft {
  readonly layers: DraftLayer[] = [];
  readonly #maps = new Map<string, FeatureMap>();
  readonly #reserved: ReadonlySet<string>;
  readonly #maxCells: number;

  /** `reserved` names are given to maps only when they are asked for. */
  constructor(reserved: Iterable<string>, maxCells: number) {
    this.#reserved = new Set(reserved);
    this.#maxCells = maxCells;
  }

  get maps(): ReadonlyMap<string, FeatureMap> {
    return this.#maps;
  }

  map(name: string): FeatureMap {
    return this.#maps.get(name) as FeatureMap;
  }

  /** A new map. The name is the wanted one unless that is taken. */
  addMap(name: string, [height, width, channels]: Dims, { type, quantization }: CellFormat): string {
    const cells = height * width * channels;
    if (!(cells >= 1)) throw new PatchInferError("BAD_MODEL", `"${name}" has no cells`, { layer: name });
    if (cells > this.#maxCells) {
      throw new PatchInferError("BAD_MODEL", `"${name}" has ${cells} cells; the limit is ${this.#maxCells}`, {
        layer: name,
      });
    }
    const own = this.#free(name);
    this.#maps.set(own, { name: own, height, width, channels, type, ...quantization });
    return own;
  }

  /** The map with other dimensions: itself, or a view of it. */
  view(map: string, dims: Dims): string {
    const seen = this.map(map);
    if (sameDims(dimsOf(seen), dims)) return map;
    const origin = this.map(seen.viewOf ?? map);
    if (sameDims(dimsOf(origin), dims)) return origin.name;
    for (const other of this.#maps.values()) {
      if (other.viewOf === origin.name && sameDims(dimsOf(other), dims)) return other.name;
    }
    const [height, width, channels] = dims;
    const name = this.#free(`${origin.name}@${height}x${width}x${channels}`);
    this.#maps.set(name, { ...origin, name, height, width, channels, viewOf: origin.name });
    return name;
  }

  /** Adds a layer that makes a new map; gives its name. */
  add(settings: LayerSettings, inputs: readonly string[], output: string, dims: Dims, format?: CellFormat): string {
    const made = this.addMap(output, dims, format ?? formatOf(this.map(inputs[0] as string)));
    this.layers.push({ ...settings, name: made, inputs: [...inputs], output: made } as DraftLayer);
    return made;
  }

  /** `map` becomes another name for the cells of `origin`, which has the same dimensions. */
  identify(map: string, origin: string): void {
    const root = this.map(origin).viewOf ?? origin;
    this.#maps.set(map, { ...this.map(map), viewOf: root });
    for (const [name, other] of this.#maps) if (other.viewOf === map) this.#maps.set(name, { ...other, viewOf: root });
  }

  #free(name: string): string {
    if (!this.#maps.has(name)) return name;
    for (let i = 1; ; i++) {
      const other = `${name}_${i}`;
      if (!this.#maps.has(other) && !this.#reserved.has(other)) return other;
    }
  }
}
