import {
  type Tensor,
  type random,
  add,
  customVjp,
  mean,
  mul,
  relu,
  reshape,
  rsqrt,
  sub,
  sum,
} from "@parsimony/core-tensor";
import { type ConvParams, constantInitializer } from "@parsimony/core-tensor/nn";
import {
  type MobileNet,
  type MobileNetLayer,
  type MobileNetParams,
  convolve,
  initMobileNet,
  mobileNetLayers,
  walkMobileNet,
} from "./mobileNet.ts";

/** A convolution whose result is normalised over the batch, then scaled and moved: one number per channel. */
export interface NormalizedConvParams {
  readonly weight: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** A network in training, by the names of its layers: every convolution but the classifier is normalised. */
export interface MobileNetTraining {
  readonly layers: Readonly<Record<string, NormalizedConvParams>>;
  readonly classifier: ConvParams;
}

/** Means and variances that inference is to use, by the names of the layers. */
export type MobileNetStatistics = Readonly<Record<string, { readonly mean: Tensor; readonly variance: Tensor }>>;

const epsilon = 1e-5;

/** One number per channel beside `[batch, channels, height, width]`. */
const perChannel = (x: Tensor): Tensor => reshape(x, [1, x.shape[0] as number, 1, 1]);

interface Normalized {
  readonly y: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly root: Tensor;
}

function normalize(x: Tensor, scale: Tensor, shift: Tensor): Normalized {
  const center = mean(x, [0, 2, 3]);
  const variance = sub(mean(mul(x, x), [0, 2, 3]), mul(center, center));
  const root = rsqrt(add(variance, epsilon));
  const factor = mul(scale, root);
  const y = add(mul(x, perChannel(factor)), perChannel(sub(shift, mul(factor, center))));
  return { y, mean: center, variance, root };
}

/**
 * Batch norm of `[batch, channels, height, width]` with the statistics of the batch (Ioffe and Szegedy 2015, algorithm 1):
 * the values of `trainBatchNorm`, with a derivative that passes over the image half as often. Gives the statistics too, through
 * which no gradient flows.
 */
export const batchNormalize: (
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
) => readonly [y: Tensor, mean: Tensor, variance: Tensor] = customVjp(
  (x: Tensor, scale: Tensor, shift: Tensor) => {
    const { y, mean, variance } = normalize(x, scale, shift);
    return [y, mean, variance] as const;
  },
  {
    forward: (x, scale, shift) => {
      const { y, mean, variance, root } = normalize(x, scale, shift);
      return [[y, mean, variance], { x, scale, mean, root }] as const;
    },
    backward: ({ x, scale, mean, root }, [g]) => {
      const [batch, , height, width] = x.shape as readonly [number, number, number, number];
      const toShift = sum(g, [0, 2, 3]);
      const toScale = mul(sub(sum(mul(g, x), [0, 2, 3]), mul(mean, toShift)), root);
      // dx = factor * (g - mean of g - normalised x * mean of (g * normalised x)), as one affine function of g and x.
      const factor = mul(scale, root);
      const ofImage = mul(mul(factor, mul(toScale, root)), -1 / (batch * height * width));
      const constant = sub(mul(mul(factor, toShift), -1 / (batch * height * width)), mul(ofImage, mean));
      const dx = add(add(mul(g, perChannel(factor)), mul(x, perChannel(ofImage))), perChannel(constant));
      return [dx, toScale, toShift];
    },
  },
);

/** Fresh parameters for training: He's normal rule, scales 1, shifts 0. */
export function initMobileNetTraining(net: MobileNet, key: random.Key): MobileNetTraining {
  const { classifier, ...convolutions } = initMobileNet(net, key);
  const layers = Object.entries(convolutions).map(([name, { weight }]) => {
    const channels = [weight.shape[0] as number];
    const one = constantInitializer(1)(key, channels);
    return [name, { weight, scale: one, shift: constantInitializer(0)(key, channels) }] as const;
  });
  return { layers: Object.fromEntries(layers), classifier: classifier as ConvParams };
}

/**
 * Logits `[batch, classes]` with every convolution but the classifier normalised over the batch, and the statistics of this
 * batch: what a training step differentiates.
 */
export function mobileNetTrainingLogits(
  net: MobileNet,
  { layers, classifier }: MobileNetTraining,
  images: Tensor,
): readonly [logits: Tensor, statistics: MobileNetStatistics] {
  const statistics: Record<string, { mean: Tensor; variance: Tensor }> = {};
  const logits = walkMobileNet(net, images, (layer: MobileNetLayer, x: Tensor) => {
    const own = layers[layer.name];
    if (own === undefined) return convolve(layer, classifier, x);
    const [y, mean, variance] = batchNormalize(convolve(layer, { weight: own.weight }, x), own.scale, own.shift);
    statistics[layer.name] = { mean, variance };
    return layer.relu ? relu(y) : y;
  });
  return [logits, statistics];
}

/** The same network with the statistics inside the weights and biases: what is exported and quantised. Float32 host tensors. */
export function foldBatchNorm(
  net: MobileNet,
  { layers, classifier }: MobileNetTraining,
  statistics: MobileNetStatistics,
): MobileNetParams {
  const folded = mobileNetLayers(net).map(({ name }) => {
    const [own, known] = [layers[name], statistics[name]];
    if (own === undefined || known === undefined) return [name, classifier] as const;
    const factor = mul(own.scale, rsqrt(add(known.variance, epsilon)));
    const weight = mul(own.weight, reshape(factor, [factor.shape[0] as number, 1, 1, 1]));
    return [name, { weight, bias: sub(own.shift, mul(factor, known.mean)) }] as const;
  });
  return Object.fromEntries(folded);
}
