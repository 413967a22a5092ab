import { add, div, leakyRelu, mul, pad, reshape, slice, softmax, sqrt, sub } from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { activate, reluWithLimits } from "../activations.ts";
import type { LayerCall, LayerReader } from "../layer.ts";
import { cellwise, ownOrder, plain } from "../value.ts";

/** What does something in training only. */
const identity: LayerReader = (layer) => layer.input();

/** Cells above, below, left and right: one number, a pair for rows and columns, or two pairs. */
function sides(layer: LayerCall, key: string): readonly [readonly [number, number], readonly [number, number]] {
  const value = layer.config.get(key);
  if (!value.isArray || value.items().every((item) => !item.isArray)) {
    const [rows, columns] = value.pair(0);
    return [
      [rows, rows],
      [columns, columns],
    ];
  }
  const [rows, columns] = value.items();
  if (rows === undefined || columns === undefined) return value.fail("two pairs");
  return [rows.pair(0), columns.pair(0)];
}

const zeroPadding: LayerReader = (layer) => {
  const [rows, columns] = sides(layer, "padding");
  return layer.result(pad(layer.image(), [[0, 0], [0, 0], rows, columns]));
};

const cropping: LayerReader = (layer) => {
  const [rows, columns] = sides(layer, "cropping");
  const x = layer.image();
  const [height, width] = [x.shape[2] as number, x.shape[3] as number];
  if (rows[0] + rows[1] >= height || columns[0] + columns[1] >= width)
    layer.fail(`nothing is left of ${height} x ${width}`);
  return layer.result(slice(x, [null, null, rows[0], columns[0]], [null, null, height - rows[1], width - columns[1]]));
};

const flatten: LayerReader = (layer) => {
  const x = ownOrder(layer.input());
  const sizes = x.shape.slice(1) as readonly number[];
  return plain(reshape(x, [x.shape[0] as number, sizes.reduce((product, dim) => product * dim, 1)]));
};

const reshaped: LayerReader = (layer) => {
  const x = ownOrder(layer.input());
  const wanted = layer.config
    .get("target_shape")
    .items()
    .map((dim) => dim.whole(-1));
  const size = (x.shape.slice(1) as readonly number[]).reduce((product, dim) => product * dim, 1);
  const known = wanted.filter((dim) => dim >= 0).reduce((product, dim) => product * dim, 1);
  const open = wanted.filter((dim) => dim < 0).length;
  if (open > 1 || (open === 0 ? known !== size : known === 0 || size % known !== 0))
    layer.fail(`${size} elements do not fit into [${wanted}]`);
  return plain(reshape(x, [x.shape[0] as number, ...wanted.map((dim) => (dim < 0 ? size / known : dim))]));
};

const batchNormalization: LayerReader = (layer) => {
  const { config } = layer;
  const held = layer.input();
  const { rank } = held.tensor;
  const axes = config.optional("axis");
  const axis = (axes?.isArray === true ? axes.items()[0] : axes)?.number() ?? -1;
  const own = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(own) || own < 1 || own >= rank) layer.fail(`no axis ${axis} of ${rank}`);
  // Channels that are last in the model come first in a moved image.
  const x = held.moved && own !== 3 ? ownOrder(held) : held.tensor;
  const moved = held.moved && own === 3;
  const trailing = moved ? 2 : rank - 1 - own;
  const column = (name: string): Tensor => {
    const stored = layer.needed(name, 1);
    return reshape(stored, [stored.shape[0] as number, ...new Array<number>(trailing).fill(1)]);
  };
  const epsilon = config.optional("epsilon")?.number() ?? 0.001;
  const has = (key: string): boolean => config.optional(key)?.flag() ?? true;
  const deviation = sqrt(add(column("moving_variance"), epsilon));
  const normal = div(sub(x, column("moving_mean")), deviation);
  const scaled = has("scale") ? mul(normal, column("gamma")) : normal;
  return { tensor: has("center") ? add(scaled, column("beta")) : scaled, moved };
};

const rescaling: LayerReader = (layer) => {
  const scale = layer.config.get("scale").number();
  const offset = layer.config.optional("offset")?.number() ?? 0;
  return cellwise(layer.input(), (x) => add(mul(x, scale), offset));
};

const softmaxLayer: LayerReader = (layer) =>
  plain(softmax(ownOrder(layer.input()), layer.config.optional("axis")?.whole(-1) ?? -1));

export const simpleLayers: Readonly<Record<string, LayerReader>> = {
  Activation: (layer) => activate(layer, layer.input()),
  ReLU: reluWithLimits,
  LeakyReLU: (layer) => {
    const slope = layer.config.optional("alpha")?.number() ?? 0.3;
    return cellwise(layer.input(), (x) => leakyRelu(x, slope));
  },
  Softmax: softmaxLayer,
  BatchNormalization: batchNormalization,
  Rescaling: rescaling,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  Flatten: flatten,
  Reshape: reshaped,
  Dropout: identity,
  SpatialDropout2D: identity,
  GaussianNoise: identity,
  GaussianDropout: identity,
  ActivityRegularization: identity,
};
