import { CoreTensorError, FormatError, UnsupportedError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { quote } from "../quote.ts";
import { LayersModelError } from "./error.ts";
import type { JsonValue } from "./json.ts";
import type { LayerInfo } from "./topology.ts";
import { type Held, ownOrder } from "./value.ts";
import { transpose } from "../../ops/index.ts";

/** What a layer makes of its inputs. */
export type LayerReader = (layer: LayerCall) => Held;

/** One use of a layer, with what it may ask for. */
export class LayerCall {
  readonly config: JsonValue;

  constructor(
    readonly info: LayerInfo,
    readonly inputs: readonly Held[],
    readonly weights: ReadonlyMap<string, HostTensor>,
    /** A weight as a value of the program that is being read. */
    readonly constant: (value: HostTensor, name: string) => Tensor,
  ) {
    this.config = info.config;
  }

  fail(message: string): never {
    throw new LayersModelError("invalid-layer", this.info.path, `${this.label}: ${message}`);
  }

  refuse(what: string): never {
    throw new UnsupportedError("layers-model", [`${this.info.path}: ${this.label}: ${what}`], "cannot be read");
  }

  get label(): string {
    return `${this.info.className} ${quote(this.info.name)}`;
  }

  /** The only input. */
  input(): Held {
    const [only, ...others] = this.inputs;
    return only === undefined || others.length > 0 ? this.fail(`expected one input, got ${this.inputs.length}`) : only;
  }

  /** Does the layer hold channels last? Keras' default. */
  channelsLast(): boolean {
    const format = this.config.optional("data_format")?.text() ?? "channels_last";
    if (format !== "channels_last" && format !== "channels_first") this.fail(`no data_format ${quote(format)}`);
    return format === "channels_last";
  }

  /** The only input as an image [batch, channels, height, width]. */
  image(): Tensor {
    const held = this.input();
    if (held.tensor.rank !== 4) this.fail(`expected an image of four axes, got ${held.tensor.rank} axes`);
    if (!this.channelsLast()) return ownOrder(held);
    return held.moved ? held.tensor : transpose(held.tensor, [0, 3, 1, 2]);
  }

  /** An image [batch, channels, height, width] as the layer's result. */
  result(tensor: Tensor): Held {
    return { tensor, moved: this.channelsLast() };
  }

  /** `"same"` or `"valid"`. */
  padding(): "same" | "valid" {
    const mode = this.config.optional("padding")?.text() ?? "valid";
    return mode === "same" || mode === "valid" ? mode : this.refuse(`padding ${quote(mode)}`);
  }

  /** A weight by its own name, brought into the order of our ops; undefined when the model has none. */
  weight(kind: string, order: (stored: HostTensor) => HostTensor = (stored) => stored): Tensor | undefined {
    const full = `${this.info.name}/${kind}`;
    const stored = this.weights.get(full);
    return stored === undefined ? undefined : this.constant(order(stored), full);
  }

  /** A weight that must be there, of so many axes. */
  needed(kind: string, rank: number, order?: (stored: HostTensor) => HostTensor): Tensor {
    const stored = this.weights.get(`${this.info.name}/${kind}`);
    if (stored === undefined) return this.fail(`there is no weight ${quote(`${this.info.name}/${kind}`)}`);
    if (stored.rank !== rank) this.fail(`expected a ${kind} of ${rank} axes, got ${stored.rank}`);
    return this.weight(kind, order) as Tensor;
  }

  /** The bias, if the layer has one. */
  bias(): Tensor | undefined {
    return (this.config.optional("use_bias")?.flag() ?? true) ? this.needed("bias", 1) : undefined;
  }
}

/** An error of an op that was called for a layer is an error of the layer. */
export function translate(layer: LayerCall, error: unknown): unknown {
  const known = error instanceof FormatError || error instanceof UnsupportedError;
  if (known || !(error instanceof CoreTensorError)) return error;
  return new LayersModelError("invalid-layer", layer.info.path, `${layer.label}: ${error.message}`);
}
