import type { Pad, Window } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { type Draft, type DraftLayer, dimsOf, sameDims } from "../draft.ts";

/** The code or number that convolutions see outside of an image. */
function outside({ type, zeroPoint }: FeatureMap): number {
  return type === "int8" ? (zeroPoint as number) : 0;
}

/** Are all cells of the map known to be at least what padding has (its maker moves them there)? */
function isAtLeast(maker: DraftLayer | undefined, value: number): boolean {
  return (
    maker !== undefined &&
    "clamp" in maker &&
    (maker.kind !== "unary" || maker.fn === "clamp") &&
    maker.clamp.min >= value
  );
}

/** Does every window of the layer touch the image, when the image's padding is its own? */
function touches(
  layer: DraftLayer & { kind: "maxPool2d" | "averagePool2d" },
  image: FeatureMap,
  output: FeatureMap,
): boolean {
  return ([0, 1] as const).every((axis) => {
    const length = axis === 0 ? image.height : image.width;
    const count = axis === 0 ? output.height : output.width;
    for (let i = 0; i < count; i++) {
      const start = i * layer.strides[axis] - layer.padBefore[axis];
      let inside = false;
      for (let k = 0; k < layer.kernel[axis]; k++) {
        const at = start + k * layer.dilations[axis];
        inside ||= at >= 0 && at < length;
      }
      if (!inside) return false;
    }
    return true;
  });
}

/** The layer with a pad layer before it as its own padding, or undefined where it would not be the same. */
function padded(layer: DraftLayer, pad: Pad, draft: Draft, maker: DraftLayer | undefined): DraftLayer | undefined {
  if (pad.before[2] !== 0 || pad.after[2] !== 0) return undefined;
  const [input] = pad.inputs as [string];
  const image = draft.map(input);
  const own = outside(image);
  if (pad.value !== own) return undefined;
  const wider = <L extends DraftLayer & Window>(given: L): L => ({
    ...given,
    inputs: [input],
    padBefore: [given.padBefore[0] + pad.before[0], given.padBefore[1] + pad.before[1]],
    padAfter: [given.padAfter[0] + pad.after[0], given.padAfter[1] + pad.after[1]],
  });
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      return wider(layer);
    case "maxPool2d": {
      const result = wider(layer);
      return isAtLeast(maker, own) && touches(result, image, draft.map(layer.output)) ? result : undefined;
    }
    case "averagePool2d": {
      const bare = [...layer.padBefore, ...layer.padAfter].every((cells) => cells === 0);
      if (image.type === "int8" || !(bare || layer.countIncludePad)) return undefined;
      const result = { ...wider(layer), countIncludePad: true };
      return touches(result, image, draft.map(layer.output)) ? result : undefined;
    }
    default:
      return undefined;
  }
}

/** Pad layers become the padding of the layers that read them, where those pad with the same value. */
export function foldPadding(draft: Draft): void {
  const makers = new Map(draft.layers.map((layer) => [layer.output, layer]));
  draft.layers.forEach((layer, i) => {
    const [input] = layer.inputs as [string];
    const pad = makers.get(input);
    if (pad?.kind !== "pad" || layer.inputs.length !== 1) return;
    if (!sameDims(dimsOf(draft.map(pad.output)), dimsOf(draft.map(input)))) return;
    const result = padded(layer, pad, draft, makers.get(pad.inputs[0] as string));
    if (result === undefined) return;
    draft.layers[i] = result;
    makers.set(result.output, result);
  });
}
