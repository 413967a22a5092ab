import type { CellType, Network } from "../../src/network/network.ts";
import { NetworkBuilder, type Padding } from "./networkBuilder.ts";

export interface MobileNetV2Options {
  width?: number;
  resolution?: number;
  classes?: number;
  type?: CellType;
  /** `same` is TFLite's; by default 3 x 3 windows have one cell on every side, as in PyTorch. */
  same?: boolean;
  /** Depthwise kernels of the blocks, 17 of them. */
  kernels?: readonly number[];
}

/** Expansion, channels, blocks, stride (Sandler et al. 2018, Table 2). */
const groups = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** MobileNetV2 with weights of 1, straight as layers. */
export function mobileNetV2Network(options: MobileNetV2Options = {}): Network {
  const { width = 1, resolution = 224, classes = 1000, type = "int8", same = false, kernels = [] } = options;
  const padding = (kernel: number): Padding => (same ? "same" : (kernel - 1) / 2);
  const net = new NetworkBuilder("mobileNetV2", type);
  let x = net.conv(net.input(resolution, resolution, 3), rounded(32 * width), {
    kernel: 3,
    stride: 2,
    padding: padding(3),
    name: "conv1",
  });
  let block = 0;
  for (const [expansion, channels, count, stride] of groups) {
    for (let i = 0; i < count; i++) {
      block++;
      const inputs = net.map(x).channels;
      const outputs = rounded(channels * width);
      const kernel = kernels[block - 1] ?? 3;
      const hidden = expansion === 1 ? x : net.conv(x, inputs * expansion, { name: `block${block}.expand` });
      const moved = net.depthwise(hidden, {
        kernel,
        stride: i === 0 ? stride : 1,
        padding: padding(kernel),
        name: `block${block}.depthwise`,
      });
      const projected = net.conv(moved, outputs, { name: `block${block}.project` });
      x = i > 0 && inputs === outputs ? net.binary(x, projected) : projected;
    }
  }
  const head = net.conv(x, Math.max(1280, rounded(1280 * width)), { name: "head" });
  return net.build([net.conv(net.globalPool(head), classes, { name: "classifier" })]);
}

/** The nearest multiple of 8, and not less than 90 % of the channels. */
function rounded(channels: number): number {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
}
