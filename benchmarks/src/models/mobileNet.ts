import { type Tensor, add, globalAvgPool2d, random, relu6 } from "@parsimony/core-tensor";
import { type ConvParams, type DenseParams, conv, dense, initConv, initDense } from "@parsimony/core-tensor/nn";

/** MobileNetV2 with width 1.0 (Sandler et al. 2018, table 2), its batch norms folded into the convolutions. */
export interface MobileNet {
  readonly stem: ConvParams;
  readonly blocks: readonly InvertedResidual[];
  readonly head: ConvParams;
  readonly classifier: DenseParams;
}

export interface InvertedResidual {
  /** Left out where the expansion factor is 1. */
  readonly expand?: ConvParams;
  readonly depthwise: ConvParams;
  readonly project: ConvParams;
}

/** Expansion factor, output channels, repetitions and stride of the first of them. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

interface BlockSize {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
}

/** The blocks in their order. */
export const blockSizes: readonly BlockSize[] = stages.flatMap(([factor, outputs, count, first], stage) =>
  Array.from({ length: count }, (_, i): BlockSize => {
    const inputs = i > 0 ? outputs : stage === 0 ? 32 : (stages[stage - 1] as (typeof stages)[number])[1];
    return { inputs, hidden: inputs * factor, outputs, stride: i === 0 ? first : 1 };
  }),
);

export function initMobileNet(key: random.Key): MobileNet {
  const keys = random.split(key, 3 + 3 * blockSizes.length) as random.Key[];
  const next = (): random.Key => keys.pop() as random.Key;
  const bias = (own: random.Key, shape: readonly number[]): Tensor => random.normal(own, shape, { std: 0.1 });
  const layer = (inputs: number, outputs: number, size: number, groups = 1): ConvParams =>
    initConv(next(), inputs, outputs, size, { groups, bias });
  return {
    stem: layer(3, 32, 3),
    blocks: blockSizes.map(({ inputs, hidden, outputs }) => ({
      ...(hidden === inputs ? {} : { expand: layer(inputs, hidden, 1) }),
      depthwise: layer(hidden, hidden, 3, hidden),
      project: layer(hidden, outputs, 1),
    })),
    head: layer(320, 1280, 1),
    classifier: initDense(next(), 1280, 1000),
  };
}

/** [batch, 3, height, width] -> logits [batch, 1000] */
export function mobileNet({ stem, blocks, head, classifier }: MobileNet, images: Tensor): Tensor {
  let x = relu6(conv(stem, images, { strides: 2, pads: 1 }));
  blocks.forEach(({ expand, depthwise, project }, i) => {
    const { inputs, hidden, outputs, stride } = blockSizes[i] as BlockSize;
    const wide = expand === undefined ? x : relu6(conv(expand, x));
    const moved = relu6(conv(depthwise, wide, { strides: stride, pads: 1, groups: hidden }));
    const narrow = conv(project, moved);
    x = stride === 1 && inputs === outputs ? add(x, narrow) : narrow;
  });
  return dense(classifier, globalAvgPool2d(relu6(conv(head, x))));
}
