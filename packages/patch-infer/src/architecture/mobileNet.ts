import {
  type Graph,
  type Tensor,
  add,
  conv2d,
  mean,
  random,
  relu,
  reshape,
  simplify,
  spec,
  trace,
} from "@parsimony/core-tensor";
import { type ConvParams, initConv } from "@parsimony/core-tensor/nn";
import { PatchInferError } from "../base/errors.ts";

/** An inverted residual (Sandler et al. 2018): 1 x 1 to `hidden` channels, depthwise, 1 x 1 to `outputs`. */
export interface MobileNetBlock {
  /** Height and width of the depthwise kernel: odd. */
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly inputs: number;
  /** Channels of the depthwise convolution. Equal to `inputs`: the first 1 x 1 convolution is left out. */
  readonly hidden: number;
  /** With stride 1 and as many outputs as inputs, the input is added to the result. */
  readonly outputs: number;
}

/** A network of inverted residuals, said in numbers: plain JSON. */
export interface MobileNet {
  /** Height and width of the input. */
  readonly resolution: number;
  /** Channels of the input. */
  readonly channels: number;
  readonly stem: { readonly kernel: number; readonly stride: 1 | 2 | 4; readonly outputs: number };
  readonly blocks: readonly MobileNetBlock[];
  /** Channels of the 1 x 1 convolution before the mean over all cells; 0: there is none. */
  readonly head: number;
  readonly classes: number;
}

/** One convolution of a `MobileNet`. */
export interface MobileNetLayer {
  /** `stem`, `block0.expand`, `block0.depthwise`, `block0.project`, …, `head`, `classifier`. */
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly relu: boolean;
}

/** Weights `[outputs, inputs / groups, kernel, kernel]` and biases by the names of the layers. */
export type MobileNetParams = Readonly<Record<string, ConvParams>>;

/** The convolutions of a network, in their order. */
export function mobileNetLayers(net: MobileNet): MobileNetLayer[] {
  const { stem, blocks, head, classes, channels } = net;
  const plain = { kernel: 1, stride: 1, groups: 1, relu: true };
  const last = blocks.at(-1)?.outputs ?? stem.outputs;
  return [
    { ...plain, name: "stem", kernel: stem.kernel, stride: stem.stride, inputs: channels, outputs: stem.outputs },
    ...blocks.flatMap(({ kernel, stride, inputs, hidden, outputs }, i) => [
      ...(hidden === inputs ? [] : [{ ...plain, name: `block${i}.expand`, inputs, outputs: hidden }]),
      { ...plain, name: `block${i}.depthwise`, kernel, stride, groups: hidden, inputs: hidden, outputs: hidden },
      { ...plain, name: `block${i}.project`, inputs: hidden, outputs, relu: false },
    ]),
    ...(head === 0 ? [] : [{ ...plain, name: "head", inputs: last, outputs: head }]),
    { ...plain, name: "classifier", inputs: head === 0 ? last : head, outputs: classes, relu: false },
  ];
}

/**
 * The network with its convolutions as the caller wants them: with biases, with batch norm, fake-quantised.
 *
 * @param images `[batch, channels, resolution, resolution]`
 * @param convolution what a layer does, its ReLU included; padding is `(kernel - 1) / 2` on every side (`convolve`).
 * @returns logits `[batch, classes]`
 */
export function walkMobileNet(
  net: MobileNet,
  images: Tensor,
  convolution: (layer: MobileNetLayer, x: Tensor) => Tensor,
): Tensor {
  const layers = new Map(mobileNetLayers(net).map((layer) => [layer.name, layer]));
  const apply = (name: string, x: Tensor): Tensor => {
    const layer = layers.get(name);
    return layer === undefined ? x : convolution(layer, x);
  };
  let x = apply("stem", images);
  net.blocks.forEach(({ stride, inputs, outputs }, i) => {
    const y = apply(`block${i}.project`, apply(`block${i}.depthwise`, apply(`block${i}.expand`, x)));
    x = stride === 1 && inputs === outputs ? add(x, y) : y;
  });
  const pooled = mean(apply("head", x), [2, 3], { keepDims: true });
  const logits = apply("classifier", pooled);
  return reshape(logits, [images.shape[0] as number, net.classes]);
}

/** The convolution of a layer, without its ReLU. */
export function convolve({ kernel, stride, groups }: MobileNetLayer, { weight, bias }: ConvParams, x: Tensor): Tensor {
  const pads = (kernel - 1) / 2;
  return conv2d(x, weight, { strides: stride, pads, groups, ...(bias === undefined ? {} : { bias }) });
}

/** Logits `[batch, classes]` of images `[batch, channels, resolution, resolution]`. Differentiable in the parameters. */
export function mobileNetLogits(net: MobileNet, params: MobileNetParams, images: Tensor): Tensor {
  return walkMobileNet(net, images, (layer, x) => {
    const y = convolve(layer, paramsOf(params, layer.name), x);
    return layer.relu ? relu(y) : y;
  });
}

/** Fresh parameters: He's normal rule, biases 0. */
export function initMobileNet(net: MobileNet, key: random.Key): MobileNetParams {
  const layers = mobileNetLayers(net);
  const keys = random.split(key, layers.length);
  return Object.fromEntries(
    layers.map(({ name, inputs, outputs, kernel, groups }, i) => [
      name,
      initConv(keys[i] as random.Key, inputs, outputs, kernel, { groups }),
    ]),
  );
}

/**
 * The network as a program for one image `[1, channels, resolution, resolution]` with the parameters as constants: what
 * `networkOf`, `planPatches` and the exports take. The parameters must be host tensors (`toHostTree`).
 */
export function mobileNetGraph(net: MobileNet, params: MobileNetParams): Graph {
  const { resolution, channels } = net;
  const image = spec([1, channels, resolution, resolution], "float32", "image");
  return simplify(
    trace(function mobileNet(x: Tensor) {
      return mobileNetLogits(net, params, x);
    }, image),
  );
}

function paramsOf(params: MobileNetParams, name: string): ConvParams {
  const own = params[name];
  if (own !== undefined) return own;
  throw new PatchInferError("OPTION", `there are no parameters of the layer "${name}"`, { layer: name });
}
