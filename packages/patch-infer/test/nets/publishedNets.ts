import type { Network } from "../../src/network/network.ts";
import { NetworkBuilder } from "./networkBuilder.ts";
import { invertedResidual } from "./smallNet.ts";

const three = { kernel: 3, padding: "same" } as const;

/** MobileNetV1 0.25 for 96 x 96 pictures (visual wake words of MLPerf Tiny): by layer channels and stride. */
export function visualWakeWords(): Network {
  const net = new NetworkBuilder("visual wake words");
  let at = net.conv(net.input(96, 96, 3), 8, { ...three, stride: 2 });
  for (const [channels, stride] of [
    [16, 1],
    [32, 2],
    [32, 1],
    [64, 2],
    [64, 1],
    [128, 2],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
    [256, 2],
    [256, 1],
  ] as const) {
    at = net.conv(net.depthwise(at, { ...three, stride }), channels);
  }
  return net.build([net.conv(net.globalPool(at), 2)]);
}

/** ResNet-8 for 32 x 32 pictures (image classification of MLPerf Tiny). */
export function resNet8(): Network {
  const net = new NetworkBuilder("ResNet-8");
  let at = net.conv(net.input(32, 32, 3), 16, three);
  for (const [channels, stride] of [
    [16, 1],
    [32, 2],
    [64, 2],
  ] as const) {
    const long = net.conv(net.conv(at, channels, { ...three, stride }), channels, three);
    at = net.binary(stride === 1 ? at : net.conv(at, channels, { stride }), long);
  }
  return net.build([net.conv(net.globalPool(at), 10)]);
}

/** DS-CNN for 49 x 10 spectrograms (keyword spotting of MLPerf Tiny). */
export function keywordSpotting(): Network {
  const net = new NetworkBuilder("keyword spotting");
  let at = net.conv(net.input(49, 10, 1), 64, { kernel: [10, 4], stride: 2, padding: "same" });
  for (let i = 0; i < 4; i++) at = net.conv(net.depthwise(at, three), 64);
  return net.build([net.conv(net.globalPool(at), 12)]);
}

/**
 * MobileNetV2 0.35 at 144 x 144 as msf-CNN models it: channels cut down to whole numbers instead of multiples of 8, and no
 * additions. `head: false` ends before the last convolution and the pooling.
 */
export function msfCnnMobileNetV2({ head = true }: { head?: boolean } = {}): Network {
  const net = new NetworkBuilder("mobilenet-v2 of msf-CNN");
  const of = (channels: number): number => Math.floor(channels * 0.35);
  let at = net.conv(net.input(144, 144, 3), of(32), { ...three, stride: 2 });
  for (const [expansion, channels, count, first] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const stride = i === 0 ? first : 1;
      at = invertedResidual(net, at, { channels: of(channels), expansion, stride, residual: false });
    }
  }
  return net.build([head ? net.conv(net.globalPool(net.conv(at, 1280)), 1000) : at]);
}
