import type { Layer } from "../network/layer.ts";
import type { CellType, FeatureMap, Network } from "../network/network.ts";
import type { Quantization } from "../network/quantization.ts";

/**
 * A network that is being written with both float32 and int8 maps: a map keeps its name in the type in which it is made, and is
 * converted once, when it is first used in the other (`name@int8`, `name@float32`, with more `@` where that is the name of another map).
 */
export class Conversions {
  readonly layers: Layer[] = [];
  readonly maps: Record<string, FeatureMap> = {};
  readonly #made = new Map<string, CellType>();

  constructor(
    private readonly network: Network,
    private readonly quantizations: (map: string) => Quantization,
  ) {}

  add(layer: Layer): void {
    this.layers.push(layer);
  }

  /** A map of the network is made in this type; gives its name. */
  declare(name: string, type: CellType): string {
    this.#made.set(name, type);
    this.maps[name] = this.#typed(name, name, type);
    return name;
  }

  /** The map in this type, converted if it was made in the other. */
  use(name: string, type: CellType): string {
    const { viewOf } = this.network.maps[name] as FeatureMap;
    if (viewOf !== undefined) {
      const root = this.use(viewOf, type);
      const own = root === viewOf ? name : this.#converted(name, type);
      this.maps[own] ??= { ...this.#typed(name, own, type), viewOf: root };
      return own;
    }
    if (this.#made.get(name) === type) return name;
    const own = this.#converted(name, type);
    if (this.maps[own] === undefined) {
      this.maps[own] = this.#typed(name, own, type);
      this.layers.push({ kind: "convert", name: own, inputs: [name], output: own });
    }
    return own;
  }

  /** No name of the network itself. */
  #converted(name: string, type: CellType): string {
    let own = `${name}@${type}`;
    while (this.network.maps[own] !== undefined) own = own.replace(/@(?=[^@]*$)/, "@@");
    return own;
  }

  #typed(name: string, own: string, type: CellType): FeatureMap {
    const { height, width, channels } = this.network.maps[name] as FeatureMap;
    const shape = { name: own, height, width, channels, type };
    return type === "int8" ? { ...shape, ...this.quantizations(name) } : shape;
  }
}
