import type { HostTensor } from "@parsimony/core-tensor";
import type { ConvParams } from "@parsimony/core-tensor/nn";
import { OnnxGraph } from "../engines/onnxGraph.ts";
import { type MobileNet, blockSizes } from "../models/mobileNet.ts";

/** MobileNetV2 as exporters write it: `Conv` with bias, `Clip`, `GlobalAveragePool`, `Gemm`. */
export function mobileNetForward({ stem, blocks, head, classifier }: MobileNet, size: number): Uint8Array {
  const g = new OnnxGraph();
  const weight = (value: unknown): string => g.weight(value as HostTensor);
  const [low, high] = [g.scalar(0), g.scalar(6)];
  const conv = (x: string, { weight: w, bias }: ConvParams, stride = 1, group = 1): string => {
    const kernel = w.shape.slice(2);
    const pads = kernel[0] === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0];
    return g.op("Conv", [x, weight(w), weight(bias)], { kernel_shape: kernel, strides: [stride, stride], pads, group });
  };
  const relu6 = (x: string): string => g.op("Clip", [x, low, high]);

  let x = relu6(conv(g.input("x", "float32", [1, 3, size, size]), stem, 2));
  blocks.forEach(({ expand, depthwise, project }, i) => {
    const { inputs, hidden, outputs, stride } = blockSizes[i] as (typeof blockSizes)[number];
    const wide = expand === undefined ? x : relu6(conv(x, expand));
    const narrow = conv(relu6(conv(wide, depthwise, stride, hidden)), project);
    x = stride === 1 && inputs === outputs ? g.op("Add", [x, narrow]) : narrow;
  });
  const pooled = g.op("Flatten", [g.op("GlobalAveragePool", [relu6(conv(x, head))])]);
  g.output(g.op("Gemm", [pooled, weight(classifier.weight), weight(classifier.bias)]), "float32", [1, 1000], "output");
  return g.bytes("mobileNet");
}
