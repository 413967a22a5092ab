import {
  type Graph,
  type Operand,
  type Tensor,
  broadcastTo,
  conv2d,
  globalAvgPool2d,
  linear,
  maxPool2d,
  relu,
  reshape,
  spec,
  tensor,
  trace,
} from "../../src/index.ts";

/** A constant of this shape that takes no memory. */
const weight = (...shape: readonly number[]): Tensor => broadcastTo(tensor(0), shape);

/**
 * VGG-16 (Simonyan and Zisserman 2015, configuration D) for images of 224 x 224: 13 convolutions of 3 x 3, three dense
 * layers.
 */
export function vgg16(): Graph {
  const blocks = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  return trace(
    function vgg16(image: Tensor) {
      let [x, channels] = [image, 3];
      for (const block of blocks) {
        for (const out of block) {
          x = relu(conv2d(x, weight(out, channels, 3, 3), { pads: 1, bias: weight(out) }));
          channels = out;
        }
        x = maxPool2d(x, { kernel: 2 });
      }
      const flat = reshape(x, [x.shape[0] as number, 512 * 7 * 7]);
      const hidden = relu(linear(flat, weight(512 * 7 * 7, 4096), weight(4096)));
      return linear(relu(linear(hidden, weight(4096, 4096), weight(4096))), weight(4096, 1000), weight(1000));
    },
    spec(["batch", 3, 224, 224], "float32", "image"),
  );
}

/** MobileNet of full width for images of 224 x 224 (Howard et al. 2017, table 1), without normalisation. */
export function mobileNet(): Graph {
  const stages = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ] as const;
  const layer = (x: Operand, kernel: Tensor, strides: number, groups = 1): Tensor =>
    relu(conv2d(x, kernel, { strides, pads: kernel.shape[2] === 3 ? 1 : 0, groups }));
  return trace(
    function mobileNet(image: Tensor) {
      let [x, channels] = [layer(image, weight(32, 3, 3, 3), 2), 32];
      for (const [out, strides] of stages) {
        x = layer(x, weight(channels, 1, 3, 3), strides, channels);
        x = layer(x, weight(out, channels, 1, 1), 1);
        channels = out;
      }
      const pooled = globalAvgPool2d(x);
      return linear(reshape(pooled, [pooled.shape[0] as number, 1024]), weight(1024, 1000), weight(1000));
    },
    spec([1, 3, 224, 224], "float32", "image"),
  );
}
