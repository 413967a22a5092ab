import { add, conv2d, matmul, reshape, transpose } from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { activate } from "../activations.ts";
import type { LayerCall, LayerReader } from "../layer.ts";
import { type Held, ownOrder, plain } from "../value.ts";

/** The convolution that a layer's settings describe, its bias and activation. */
function convolve(layer: LayerCall, weight: Tensor, groups: number): Held {
  const { config } = layer;
  const y = conv2d(layer.image(), weight, {
    strides: config.optional("strides")?.pair(1) ?? 1,
    dilations: config.optional("dilation_rate")?.pair(1) ?? 1,
    pads: layer.padding(),
    groups,
  });
  const bias = layer.bias();
  const sum = bias === undefined ? y : add(y, reshape(bias, [bias.shape[0] as number, 1, 1]));
  return activate(layer, layer.result(sum));
}

/** Weights [height, width, in / groups, out]. */
const conv: LayerReader = (layer) => {
  const groups = layer.config.optional("groups")?.whole(1) ?? 1;
  return convolve(
    layer,
    layer.needed("kernel", 4, (kernel) => transpose(kernel, [3, 2, 0, 1]) as HostTensor),
    groups,
  );
};

/** Weights [height, width, channels, multiplier]: output channel c * multiplier + m comes from channel c. */
const depthwise: LayerReader = (layer) => {
  const weight = layer.needed("depthwise_kernel", 4, (kernel) => {
    const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number];
    return reshape(transpose(kernel, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]) as HostTensor;
  });
  return convolve(layer, weight, layer.image().shape[1] as number);
};

/** Weights [in, units], applied to the last axis. */
const dense: LayerReader = (layer) => {
  const y = matmul(ownOrder(layer.input()), layer.needed("kernel", 2));
  const bias = layer.bias();
  return activate(layer, plain(bias === undefined ? y : add(y, bias)));
};

export const convolutions: Readonly<Record<string, LayerReader>> = {
  Conv2D: conv,
  DepthwiseConv2D: depthwise,
  Dense: dense,
};
