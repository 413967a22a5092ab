import {
  add,
  clip,
  exp,
  leakyRelu,
  mul,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from "../../ops/index.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { quote } from "../quote.ts";
import type { LayerCall } from "./layer.ts";
import { cellwise, type Held, ownOrder, plain } from "./value.ts";

const activations: ReadonlyMap<string, (x: Tensor) => Tensor> = new Map(
  Object.entries({
    linear: (x: Tensor): Tensor => x,
    relu,
    relu6,
    sigmoid,
    tanh,
    softplus,
    swish: silu,
    silu,
    exponential: exp,
    // Keras: max(0, min(1, 0.2 x + 0.5)).
    hard_sigmoid: (x: Tensor): Tensor => clip(add(mul(x, 0.2), 0.5), 0, 1),
  }),
);

/** The activation that `config.activation` names, if any. */
export function activate(layer: LayerCall, x: Held): Held {
  const named = layer.config.optional("activation");
  if (named === undefined) return x;
  if (typeof named.value !== "string") return layer.refuse("an activation with settings of its own");
  const name = named.text();
  if (name === "softmax") return plain(softmax(ownOrder(x), -1));
  const apply = activations.get(name);
  return apply === undefined ? layer.refuse(`activation ${quote(name)}`) : cellwise(x, apply);
}

/** relu with limits: above `max_value` cut off, below `threshold` a slope. */
export function reluWithLimits(layer: LayerCall): Held {
  const { config } = layer;
  const most = config.optional("max_value")?.number();
  const slope = config.optional("negative_slope")?.number() ?? 0;
  const threshold = config.optional("threshold")?.number() ?? 0;
  if (threshold !== 0) layer.refuse("a threshold other than 0");
  if (most !== undefined && slope !== 0) layer.refuse("max_value together with negative_slope");
  if (most === 6) return cellwise(layer.input(), relu6);
  return cellwise(layer.input(), (x) =>
    most !== undefined ? clip(x, 0, most) : slope === 0 ? relu(x) : leakyRelu(x, slope),
  );
}
