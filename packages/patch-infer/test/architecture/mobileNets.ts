import { random } from "@parsimony/core-tensor";
import { type MobileNet, type MobileNetBlock, initMobileNet } from "../../src/architecture/mobileNet.ts";
import type { MobileNetParams } from "../../src/architecture/mobileNet.ts";

/** MobileNetV2 1.0 (Sandler et al. 2018, table 2): expansion, channels, blocks, stride. */
const rows = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

export function mobileNetV2(resolution: number): MobileNet {
  let inputs = 32;
  const blocks = rows.flatMap(([expansion, outputs, depth, first]) =>
    Array.from({ length: depth }, (_, i): MobileNetBlock => {
      const block = { kernel: 3, stride: i === 0 ? first : (1 as const), inputs, hidden: inputs * expansion, outputs };
      inputs = outputs;
      return block;
    }),
  );
  return { resolution, channels: 3, stem: { kernel: 3, stride: 2, outputs: 32 }, blocks, head: 1280, classes: 1000 };
}

/** A network with every kind of block: without expansion, with stride, with a large kernel, with residuals. */
export const small: MobileNet = {
  resolution: 24,
  channels: 2,
  stem: { kernel: 3, stride: 2, outputs: 4 },
  blocks: [
    { kernel: 3, stride: 1, inputs: 4, hidden: 4, outputs: 4 },
    { kernel: 5, stride: 1, inputs: 4, hidden: 8, outputs: 4 },
    { kernel: 5, stride: 2, inputs: 4, hidden: 12, outputs: 6 },
    { kernel: 3, stride: 1, inputs: 6, hidden: 12, outputs: 6 },
    { kernel: 3, stride: 2, inputs: 6, hidden: 12, outputs: 8 },
  ],
  head: 10,
  classes: 3,
};

/** Weights 0, so that large networks cost no time; for what does not depend on weights. */
export function emptyParams(net: MobileNet): MobileNetParams {
  return initMobileNet(net, random.key(0));
}
