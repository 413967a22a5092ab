import type { NodeOf } from "@parsimony/core-tensor";
import { codes } from "../../network/quantization.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { imageGroups } from "../placed.ts";
import { noClamp } from "./convolution.ts";

export function maxPool2d(node: NodeOf<"maxPool2d">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output, places] = node.outputs as [string, string];
  const isRead = (name: string): boolean =>
    at.graph.nodes.some(({ inputs }) => inputs.includes(name)) || at.graph.outputs.some(({ value }) => value === name);
  if (isRead(places)) refuse("is asked for the positions of the largest cells");
  const { kernel, strides, dilations, pads } = node.attributes;
  const input = at.arrange(at.value(x), imageGroups);
  at.make(
    output,
    {
      kind: "maxPool2d",
      kernel,
      strides,
      dilations,
      padBefore: [pads[0], pads[1]],
      padAfter: [pads[2], pads[3]],
      // The largest code stands for the largest number.
      clamp: at.draft.map(input).type === "int8" ? codes : noClamp,
    },
    [input],
    imageGroups,
  );
}

export function avgPool2d(node: NodeOf<"avgPool2d">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const { kernel, strides, pads, countIncludePad } = node.attributes;
  at.make(
    node.outputs[0] as string,
    {
      kind: "averagePool2d",
      kernel,
      strides,
      dilations: [1, 1],
      padBefore: [pads[0], pads[1]],
      padAfter: [pads[2], pads[3]],
      countIncludePad,
      clamp: noClamp,
    },
    [at.arrange(at.value(x), imageGroups)],
    imageGroups,
  );
}
